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
        ("create_customer_link", "customers:write"),
        ("list_customer_links", "customers:read"),
        ("get_customer_link", "customers:read"),
        ("update_customer_link", "customers:write"),
        ("get_customer_hierarchy", "customers:read"),
        ("list_industries", "customers:read"),
        ("list_regions", "customers:read"),
        ("list_duplicates", "customers:read"),
        ("check_duplicates", "customers:read"),
        ("get_duplicate", "customers:read"),
        ("update_duplicate", "customers:write"),
        ("search", "customers:read"),
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
        ("get_profile", "customers:read"),
        ("get_profile_section", "customers:read"),
        ("edit_profile", "customers:write"),
        ("submit_profile", "customers:write"),
        ("review_profile", "profiles:review"),
        ("list_profile_versions", "customers:read"),
        ("get_profile_version", "customers:read"),
        ("diff_profile", "customers:read"),
        ("list_profile_reviews", "profiles:review"),
        ("create_vendor", "customers:write"),
        ("list_vendors", "customers:read"),
        ("get_vendor", "customers:read"),
        ("update_vendor", "customers:write"),
        ("list_vendor_shares", "customers:read"),
        ("get_vendor_shares", "customers:read"),
        ("record_vendor_shares", "customers:write"),
        ("list_vendor_share_records", "customers:read"),
        ("get_vendor_trends", "customers:read"),
        ("get_lifecycle", "customers:read"),
        ("move_lifecycle", "customers:write"),
        ("record_order", "imports:write"),
        ("get_lifecycle_policy", "customers:read"),
        ("set_lifecycle_policy", "customer-policies:manage"),
        ("create_qualification_policy", "customer-policies:manage"),
        ("list_qualification_policies", "customers:read"),
        ("get_qualification_policy", "customers:read"),
        ("qualify_customer", "customers:write"),
        ("list_qualifications", "customers:read"),
        ("get_qualification", "customers:read"),
        ("decide_qualification", "customers:write"),
        ("start_import", "imports:write"),
        ("list_imports", "imports:write"),
        ("get_import", "imports:write"),
        ("list_import_rows", "imports:write"),
        ("get_import_errors", "imports:write"),
    ])
    .await;
}
