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
