use reqwest::Method;
use serde_json::{Value, json};
use testkit::TestDb;

use crate::house::{House, problem};

/// Every operation of the gateway's own document, with the methods that have one.
fn own_operations() -> Vec<(Method, String, Value)> {
    let document = serde_json::to_value(chassis::openapi(&gateway::SERVICE)).unwrap();
    assert!(!document["paths"].as_object().unwrap().is_empty());
    let mut operations = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            operations.push((method, path.clone(), operation["security"].clone()));
        }
    }
    operations
}

#[tokio::test]
async fn every_operation_refuses_who_shows_nothing() {
    let house = House::full(TestDb::sqlite()).await;
    let mut guarded = 0;
    for (method, path, security) in own_operations() {
        if security == json!([{}]) {
            assert_eq!((method, path.as_str()), (Method::POST, "/api/v1/sessions"), "only logging in is public");
            continue;
        }
        let path = path.replace("{id}", crate::standins::CUSTOMER);
        for someone in [house.nobody(), house.someone("gx_0a1b2c3d_unknown"), house.someone("gs_unknown")] {
            let answer = someone.send(someone.request(method.clone(), &path).json(&json!({}))).await;
            assert_eq!(answer.problem(), (401, "unauthenticated"), "{method} {path}");
        }
        guarded += 1;
    }
    assert_eq!(guarded, 13);
}

#[tokio::test]
async fn refusals_are_problem_documents() {
    let house = House::with_registry(TestDb::sqlite()).await;
    let (admin, viewer, nobody) = (house.admin(), house.viewer(), house.nobody());
    insta::assert_json_snapshot!(problem(nobody.get("/api/v1/customers/C-000001").await), @r#"
    {
      "code": "unauthenticated",
      "detail": "no key, token or session was sent, or it is unknown, expired or revoked",
      "instance": "/api/v1/customers/C-000001",
      "status": 401,
      "title": "Not authenticated",
      "trace_id": "<trace>",
      "type": "/problems/unauthenticated"
    }
    "#);
    insta::assert_json_snapshot!(problem(viewer.get("/api/v1/users").await), @r#"
    {
      "code": "permission-missing",
      "detail": "this needs the permission users:manage",
      "instance": "/api/v1/users",
      "status": 403,
      "title": "Permission missing",
      "trace_id": "<trace>",
      "type": "/problems/permission-missing"
    }
    "#);
    insta::assert_json_snapshot!(problem(viewer.post("/api/v1/customers", &json!({ "name": "x" })).await), @r#"
    {
      "code": "permission-missing",
      "detail": "this needs the permission customers:write",
      "instance": "/api/v1/customers",
      "status": 403,
      "title": "Permission missing",
      "trace_id": "<trace>",
      "type": "/problems/permission-missing"
    }
    "#);
    insta::assert_json_snapshot!(problem(admin.get("/api/v1/nothing").await), @r#"
    {
      "code": "path-unknown",
      "detail": "nothing is served at this path",
      "instance": "/api/v1/nothing",
      "status": 404,
      "title": "Path unknown",
      "trace_id": "<trace>",
      "type": "/problems/path-unknown"
    }
    "#);
    let other_method = admin.delete("/api/v1/customers/C-000001").await;
    assert_eq!(other_method.header("allow"), Some("GET"));
    insta::assert_json_snapshot!(problem(other_method), @r#"
    {
      "code": "method-not-allowed",
      "detail": "this path serves GET only",
      "instance": "/api/v1/customers/C-000001",
      "status": 405,
      "title": "Method not allowed",
      "trace_id": "<trace>",
      "type": "/problems/method-not-allowed"
    }
    "#);
    let own_other_method = admin.delete("/api/v1/users").await;
    assert_eq!(own_other_method.header("allow"), Some("GET, POST"));
    insta::assert_json_snapshot!(problem(own_other_method), @r#"
    {
      "code": "method-not-allowed",
      "detail": "this path serves GET, POST only",
      "instance": "/api/v1/users",
      "status": 405,
      "title": "Method not allowed",
      "trace_id": "<trace>",
      "type": "/problems/method-not-allowed"
    }
    "#);
    let large = admin.post("/api/v1/customers", &json!({ "name": "x".repeat(1024 * 1024) })).await;
    insta::assert_json_snapshot!(problem(large), @r#"
    {
      "code": "body-too-large",
      "detail": "a body here holds at most 1048576 bytes",
      "instance": "/api/v1/customers",
      "status": 413,
      "title": "Body too large",
      "trace_id": "<trace>",
      "type": "/problems/body-too-large"
    }
    "#);
    insta::assert_json_snapshot!(problem(admin.get("/api/v1/customers/C-000404").await), @r#"
    {
      "code": "thing-not-found",
      "detail": "there is no such thing",
      "instance": "/api/v1/customers/C-000404",
      "status": 404,
      "title": "Thing not found",
      "trace_id": "<trace>",
      "type": "/problems/thing-not-found"
    }
    "#);
}

#[tokio::test]
async fn titles_come_in_the_callers_language() {
    let house = House::alone(TestDb::sqlite()).await;
    let request = house.nobody().request(Method::GET, "/api/v1/me").header("accept-language", "zh-CN");
    assert_eq!(house.nobody().send(request).await.expect(401)["title"], "未通过身份验证");
}
