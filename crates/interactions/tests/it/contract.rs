use testkit::{App, TestDb};

#[test]
fn the_openapi_document_is_what_the_contract_shows() {
    testkit::golden!("../interactions-contract/openapi.json", &chassis::openapi(&interactions::SERVICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_strangers_or_callers_without_its_permission() {
    let app = App::start(&interactions::SERVICE, TestDb::sqlite()).await;
    app.assert_guarded(&[
        ("log_interaction", "interactions:write"),
        ("bulk_log_interactions", "interactions:write"),
        ("list_interactions", "interactions:read"),
        ("get_interaction", "interactions:read"),
        ("amend_interaction", "interactions:write"),
        ("list_agenda", "interactions:read"),
    ])
    .await;
}
