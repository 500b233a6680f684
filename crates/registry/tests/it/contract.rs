use std::collections::BTreeMap;

use chassis::Access;
use testkit::{App, TestDb};
use uuid::Uuid;

/// Every operation and the permission it needs. A new one fails the test until it is here, and in a story above.
const OPERATIONS: [(&str, &str); 21] = [
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
    ("start_import", "imports:write"),
    ("list_imports", "imports:write"),
    ("get_import", "imports:write"),
    ("list_import_rows", "imports:write"),
    ("get_import_errors", "imports:write"),
];

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
    let nobody = app.client(&[]);
    let mut needed = BTreeMap::new();
    for operation in app.context().operations.iter() {
        let path = operation.path.replace("{id}", &Uuid::now_v7().to_string()).replace("{system}", "sap");
        let method = || operation.method.as_str().parse().expect("a method");
        let anonymous = reqwest::Client::new().request(method(), app.url() + &path);
        assert_eq!(nobody.send(anonymous).await.problem(), (401, "token-missing"), "{}", operation.id);
        let powerless = nobody.send(nobody.request(method(), &path)).await;
        assert_eq!(powerless.problem(), (403, "permission-missing"), "{}", operation.id);
        needed.insert(operation.id.clone(), operation.access.clone());
    }
    let permission = |name: &str| Access::Permissions(vec![vec![name.to_owned()]]);
    assert_eq!(needed, OPERATIONS.map(|(id, name)| (id.to_owned(), permission(name))).into());
}
