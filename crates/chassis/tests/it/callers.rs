use chassis::Access;
use insta::assert_json_snapshot;
use reqwest::Method;

use crate::{
    app::{App, send},
    service::SERVICE,
};

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let app = App::start().await;
    let answer = send(app.anonymous(Method::GET, "/api/v1/notes")).await;
    assert_json_snapshot!(answer.problem(), @r#"
    {
      "code": "token-missing",
      "detail": "send a token of the gateway as `Authorization: Bearer`",
      "instance": "/api/v1/notes",
      "status": 401,
      "title": "Token missing",
      "trace_id": "<trace>",
      "type": "/problems/token-missing"
    }
    "#);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    for (method, path) in
        [(Method::GET, "/api/v1/nothing"), (Method::PUT, "/api/v1/notes"), (Method::POST, "/api/v1/notes")]
    {
        assert_eq!(send(app.anonymous(method, path)).await.code(), (401, "token-missing".to_owned()), "{path}");
    }
    let forged = app.anonymous(Method::GET, "/api/v1/notes").bearer_auth("a.b.c");
    assert_eq!(send(forged).await.code(), (401, "token-invalid".to_owned()));
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let app = App::start().await;
    let reader = app.token("user:2", &["notes:read"]);
    let answer = send(app.anonymous(Method::POST, "/api/v1/notes").bearer_auth(&reader)).await;
    assert_json_snapshot!(answer.problem(), @r#"
    {
      "code": "permission-missing",
      "detail": "this needs the permission notes:write",
      "instance": "/api/v1/notes",
      "status": 403,
      "title": "Permission missing",
      "trace_id": "<trace>",
      "type": "/problems/permission-missing"
    }
    "#);
    assert_eq!(send(app.anonymous(Method::GET, "/api/v1/notes").bearer_auth(&reader)).await.status, 200);
}

#[tokio::test]
async fn what_is_public_needs_no_token() {
    let app = App::start().await;
    assert_eq!(send(app.anonymous(Method::GET, "/api/v1/whoami")).await.text, "\"anonymous\"");
}

#[test]
fn operations_can_be_listed_for_coverage() {
    let document = serde_json::to_value(chassis::openapi(&SERVICE)).unwrap();
    let Ok(operations) = chassis::Operations::of(&document) else { panic!("faults") };
    let listed: Vec<_> = operations
        .iter()
        .map(|operation| {
            let access = match &operation.access {
                Access::Public => "public".to_owned(),
                Access::Permissions(alternatives) => format!("{alternatives:?}"),
            };
            format!("{} {} {} {access}", operation.id, operation.method, operation.path)
        })
        .collect();
    insta::assert_debug_snapshot!(listed, @r#"
    [
        "break_down POST /api/v1/break-down [[]]",
        "give_up POST /api/v1/give-up [[]]",
        "hold POST /api/v1/hold [[]]",
        "list_notes GET /api/v1/notes [[\"notes:read\"]]",
        "create_note POST /api/v1/notes [[\"notes:write\"]]",
        "get_note GET /api/v1/notes/{id} [[\"notes:read\"]]",
        "change_note PATCH /api/v1/notes/{id} [[\"notes:write\"]]",
        "whoami GET /api/v1/whoami public",
    ]
    "#);
}
