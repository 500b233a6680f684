use std::collections::HashMap;

use chassis::Access;
use testkit::{App, TestDb};
use uuid::Uuid;

#[test]
fn the_openapi_document_is_what_the_contract_shows() {
    testkit::golden!("../complaints-contract/openapi.json", &chassis::openapi(&complaints::SERVICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_strangers_or_callers_without_its_permission() {
    let app = App::start(&complaints::SERVICE, TestDb::sqlite()).await;
    let nobody = app.client(&[]);
    let mut permissions = HashMap::new();
    for operation in app.context().operations.iter() {
        let path = operation.path.replace("{id}", &Uuid::now_v7().to_string()).replace("{system}", "desk");
        let method = || operation.method.as_str().parse().expect("a method");
        let anonymous = reqwest::Client::new().request(method(), app.url() + &path);
        assert_eq!(nobody.send(anonymous).await.problem(), (401, "token-missing"), "{}", operation.id);
        let powerless = nobody.send(nobody.request(method(), &path)).await;
        assert_eq!(powerless.problem(), (403, "permission-missing"), "{}", operation.id);
        permissions.insert(operation.id.clone(), operation.access.clone());
    }
    let needs = |permission: &str| Access::Permissions(vec![vec![permission.to_owned()]]);
    let expected = [
        ("open_complaint", "complaints:write"),
        ("list_complaints", "complaints:read"),
        ("summarize_complaints", "complaints:read"),
        ("upsert_external_complaint", "complaints:write"),
        ("bulk_open_complaints", "complaints:write"),
        ("import_complaints", "imports:write"),
        ("get_complaint_import", "complaints:read"),
        ("list_complaint_import_rows", "complaints:read"),
        ("get_complaint_import_errors", "complaints:read"),
        ("get_complaint", "complaints:read"),
        ("amend_complaint", "complaints:write"),
        ("list_complaint_history", "complaints:read"),
        ("acknowledge_complaint", "complaints:handle"),
        ("assess_complaint", "complaints:handle"),
        ("respond_to_complaint", "complaints:handle"),
        ("resolve_complaint", "complaints:handle"),
        ("close_complaint", "complaints:handle"),
        ("reopen_complaint", "complaints:handle"),
        ("withdraw_complaint", "complaints:handle"),
    ];
    assert_eq!(permissions, expected.map(|(id, permission)| (id.to_owned(), needs(permission))).into());
}
