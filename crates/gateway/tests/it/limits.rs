use testkit::TestDb;

use crate::house::{House, problem};

#[tokio::test]
async fn who_asks_too_often_waits() {
    let house =
        House::new(TestDb::sqlite(), &[&crate::standins::REGISTRY], &[("rate_limit", "1"), ("rate_burst", "2")]).await;
    let first = house.viewer().get("/api/v1/me").await;
    assert_eq!(first.status, 200);
    assert_eq!((first.header("ratelimit-limit"), first.header("ratelimit-remaining")), (Some("2"), Some("1")));
    assert_eq!(first.header("ratelimit-reset"), Some("1"));
    house.viewer().get("/api/v1/customers/C-000001").await.expect(200);
    for path in ["/api/v1/me", "/api/v1/customers/C-000001"] {
        let refused = house.viewer().get(path).await;
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
        insta::allow_duplicates! {
            let mut problem = problem(refused);
            problem["instance"] = "<path>".into();
            insta::assert_json_snapshot!(problem, @r#"
            {
              "code": "too-many-requests",
              "detail": "you have used up your requests; try again in 1 s",
              "instance": "<path>",
              "status": 429,
              "title": "Too many requests",
              "trace_id": "<trace>",
              "type": "/problems/too-many-requests"
            }
            "#);
        }
    }
    assert_eq!(house.nobody().get("/docs/").await.status, 200, "each caller has its own");
}

#[tokio::test]
async fn visitors_reach_what_is_public_and_not_too_often() {
    let limits = [("visitor_limit", "1"), ("visitor_burst", "2")];
    let house = House::new(TestDb::sqlite(), &[&crate::standins::COMPLAINTS], &limits).await;
    let visit = async || {
        let request = house.nobody().request(reqwest::Method::POST, "/api/v1/portal/complaints");
        house.nobody().send(request.header("x-complaint-secret", "s").json(&serde_json::json!({}))).await
    };
    for _ in 0..2 {
        assert_eq!(visit().await.expect(201), serde_json::json!({ "caller": false, "secret": "s" }));
    }
    let refused = visit().await;
    assert_eq!(refused.problem(), (429, "too-many-requests"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Who is known has limits of its own, and the gateway's own pages cost no service anything.
    let request = house.viewer().request(reqwest::Method::POST, "/api/v1/portal/complaints");
    house.viewer().send(request.json(&serde_json::json!({}))).await.expect(201);
    assert_eq!(house.nobody().get("/docs/").await.status, 200);
    assert_eq!(house.nobody().get("/api/v1/complaints?open=true").await.problem(), (401, "unauthenticated"));
}

#[tokio::test]
async fn a_file_of_a_visitor_may_be_large_and_counts_as_any_request() {
    let limits = [("visitor_limit", "1"), ("visitor_burst", "1")];
    let house = House::new(TestDb::sqlite(), &[&crate::standins::COMPLAINTS], &limits).await;
    let attach = async |size: usize| {
        let path = "/api/v1/portal/complaints/CP-2026-000001/attachments";
        let request = house.nobody().request(reqwest::Method::POST, path);
        let request = request.header("content-type", "application/octet-stream").body(vec![b'x'; size]);
        house.nobody().send(request).await
    };
    let (large, another) = futures::join!(attach(3 << 20), attach(3 << 20));
    let (taken, refused) = if large.status == 201 { (large, another) } else { (another, large) };
    assert_eq!(taken.expect(201), serde_json::json!({ "bytes": 3 << 20 }));
    assert_eq!(refused.problem(), (429, "too-many-requests"));
}
