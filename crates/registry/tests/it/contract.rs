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
        ("list_tier_policies", "customers:read"),
        ("create_tier_policy", "tier-policies:manage"),
        ("get_tier_policy", "customers:read"),
        ("activate_tier_policy", "tier-policies:manage"),
        ("create_tier_proposal", "tiers:propose"),
        ("list_tier_proposals", "customers:read"),
        ("get_tier_proposal", "customers:read"),
        ("decide_tier_proposal", "tiers:decide"),
        ("withdraw_tier_proposal", "tiers:propose"),
        ("get_customer_tier", "customers:read"),
        ("list_tier_reviews", "customers:read"),
        ("create_employee", "employees:manage"),
        ("list_employees", "customers:read"),
        ("bulk_upsert_employees", "employees:manage"),
        ("upsert_external_employee", "employees:manage"),
        ("get_employee", "customers:read"),
        ("update_employee", "employees:manage"),
        ("list_reports", "customers:read"),
        ("create_team", "employees:manage"),
        ("list_teams", "customers:read"),
        ("get_team", "customers:read"),
        ("update_team", "employees:manage"),
        ("get_account_team", "customers:read"),
        ("create_team_member", "customers:write"),
        ("get_team_member", "customers:read"),
        ("update_team_member", "customers:write"),
        ("list_employee_customers", "customers:read"),
        ("create_transfer", "customers:write"),
        ("create_employee_transfers", "transfers:manage"),
        ("list_transfers", "customers:read"),
        ("get_transfer", "customers:read"),
        ("tick_transfer", "customers:write"),
        ("complete_transfer", "customers:write"),
        ("cancel_transfer", "customers:write"),
        ("start_import", "imports:write"),
        ("list_imports", "imports:write"),
        ("get_import", "imports:write"),
        ("list_import_rows", "imports:write"),
        ("get_import_errors", "imports:write"),
    ])
    .await;
}
