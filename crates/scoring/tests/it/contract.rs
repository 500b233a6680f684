use testkit::{App, TestDb};

#[test]
fn the_openapi_document_is_what_the_contract_shows() {
    testkit::golden!("../scoring-contract/openapi.json", &chassis::openapi(&scoring::SERVICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_strangers_or_callers_without_its_permission() {
    let app = App::start(&scoring::SERVICE, TestDb::sqlite()).await;
    app.assert_guarded(&[
        ("get_score", "scores:read"),
        ("list_score_history", "scores:read"),
        ("explain_score", "scores:read"),
        ("list_scores", "scores:read"),
        ("list_score_policies", "scores:read"),
        ("start_rescoring", "scores:manage"),
    ])
    .await;
}
