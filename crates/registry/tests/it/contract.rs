use testkit::{App, TestDb};

#[test]
fn the_openapi_document_is_what_the_contract_shows() {
    testkit::golden!("../registry-contract/openapi.json", &chassis::openapi(&registry::SERVICE));
}

#[test]
fn every_code_of_the_error_table_has_both_titles_and_a_status_of_its_own() {
    for code in registry::CODES {
        assert!(!code.title.is_empty() && !code.title_zh.is_ascii(), "{code:?}");
        assert!((400..600).contains(&code.status), "{code:?}");
        assert!(registry::CODES.iter().all(|other| other.code != code.code || other == code), "{code:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_strangers_or_callers_without_its_permission() {
    let app = App::start(&registry::SERVICE, TestDb::sqlite()).await;
    app.assert_guarded(&[
        ("create_customer", "customers:write"),
        ("list_customers", "customers:read"),
        ("bulk_create_customers", "customers:write"),
        ("upsert_external_customer", "customers:write"),
        ("export_customers", "customers:read"),
        ("get_customer", "customers:read"),
        ("update_customer", "customers:write"),
        ("create_contact", "contacts:write"),
        ("list_contacts", "contacts:read"),
        ("get_contact", "contacts:read"),
        ("update_contact", "contacts:write"),
        ("create_position", "contacts:write"),
        ("list_positions", "contacts:read"),
        ("get_position", "contacts:read"),
        ("create_holding", "contacts:write"),
        ("list_holdings", "contacts:read"),
        ("get_holding", "contacts:read"),
        ("create_import_profile", "imports:write"),
        ("list_import_profiles", "imports:write"),
        ("get_import_profile", "imports:write"),
        ("replace_import_profile", "imports:write"),
        ("delete_import_profile", "imports:write"),
        ("start_import", "imports:write"),
        ("list_imports", "imports:write"),
        ("get_import", "imports:write"),
        ("cancel_import", "imports:write"),
        ("revert_import", "imports:write"),
        ("follow_import", "imports:write"),
        ("list_import_rows", "imports:write"),
        ("get_import_errors", "imports:write"),
    ])
    .await;
}
