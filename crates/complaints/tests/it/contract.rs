use testkit::{App, TestDb};

#[test]
fn the_openapi_document_is_what_the_contract_shows() {
    testkit::golden!("../complaints-contract/openapi.json", &chassis::openapi(&complaints::SERVICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_strangers_or_callers_without_its_permission() {
    let app = App::start(&complaints::SERVICE, TestDb::sqlite()).await;
    app.assert_guarded(&[
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
        ("create_cause", "complaints:handle"),
        ("list_causes", "complaints:read"),
        ("get_cause", "complaints:read"),
        ("amend_cause", "complaints:handle"),
        ("get_cause_pareto", "complaints:read"),
        ("create_corrective_action", "complaints:handle"),
        ("list_complaint_corrective_actions", "complaints:read"),
        ("list_corrective_actions", "complaints:read"),
        ("get_corrective_action", "complaints:read"),
        ("amend_corrective_action", "complaints:handle"),
        ("complete_corrective_action", "complaints:handle"),
        ("check_corrective_action", "complaints:handle"),
        ("cancel_corrective_action", "complaints:handle"),
        ("get_closure_rules", "complaints:read"),
        ("set_closure_rules", "complaints:manage"),
        ("list_signals", "complaints:read"),
        ("get_signal", "complaints:read"),
        ("judge_signal", "complaints:write"),
        ("open_signal_complaint", "complaints:write"),
        ("list_detectors", "complaints:read"),
        ("get_detector", "complaints:read"),
        ("set_detector_rule", "complaints:manage"),
    ])
    .await;
}
