use std::collections::HashMap;

use chassis::Access;
use testkit::{App, TestDb};
use uuid::Uuid;

#[test]
fn the_openapi_document_is_what_the_contract_shows() {
    testkit::golden!("../scoring-contract/openapi.json", &chassis::openapi(&scoring::SERVICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_strangers_or_callers_without_its_permission() {
    let app = App::start(&scoring::SERVICE, TestDb::sqlite()).await;
    let nobody = app.client(&[]);
    let mut permissions = HashMap::new();
    for operation in app.context().operations.iter() {
        let path = operation.path.replace("{id}", &Uuid::now_v7().to_string());
        let anonymous =
            reqwest::Client::new().request(operation.method.as_str().parse().expect("a method"), app.url() + &path);
        assert_eq!(nobody.send(anonymous).await.problem(), (401, "token-missing"), "{}", operation.id);
        let method = operation.method.as_str().parse().expect("a method");
        let powerless = nobody.send(nobody.request(method, &path)).await;
        assert_eq!(powerless.problem(), (403, "permission-missing"), "{}", operation.id);
        permissions.insert(operation.id.clone(), operation.access.clone());
    }
    let needs = |permission: &str| Access::Permissions(vec![vec![permission.to_owned()]]);
    let expected = [
        ("get_score", "scores:read"),
        ("list_score_history", "scores:read"),
        ("explain_score", "scores:read"),
        ("list_scores", "scores:read"),
        ("list_score_policies", "scores:read"),
        ("start_rescoring", "scores:manage"),
    ];
    assert_eq!(permissions, expected.map(|(id, permission)| (id.to_owned(), needs(permission))).into());
}
