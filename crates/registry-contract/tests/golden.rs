//! Every event reads from its golden file and writes it back unchanged.

use std::fs;
use std::path::Path;

use registry_contract::v1;
use wire::Event;

fn same_after_reading<E: Event>() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{}.json", E::TYPE));
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let event: E = serde_json::from_str(&golden).unwrap_or_else(|error| panic!("{}: {error}", E::TYPE));
    let written = serde_json::to_string_pretty(&event).expect("events serialise") + "\n";
    assert_eq!(written, golden, "{}", E::TYPE);
}

#[test]
fn every_event_equals_its_golden_file() {
    same_after_reading::<v1::CustomerCreated>();
    same_after_reading::<v1::CustomerUpdated>();
    same_after_reading::<v1::CustomerMerged>();
    same_after_reading::<v1::CustomerUnmerged>();
    same_after_reading::<v1::CustomerWithdrawn>();
    same_after_reading::<v1::ContactCreated>();
    same_after_reading::<v1::ContactUpdated>();
    same_after_reading::<v1::ContactErased>();
    same_after_reading::<v1::PositionCreated>();
    same_after_reading::<v1::PositionUpdated>();
    same_after_reading::<v1::HoldingCreated>();
    same_after_reading::<v1::ProfileApproved>();
    same_after_reading::<v1::CustomerQualified>();
    same_after_reading::<v1::VendorSharesRecorded>();
    same_after_reading::<v1::CustomerTiered>();
    same_after_reading::<v1::CustomerTransferred>();
    same_after_reading::<v1::HoldingUpdated>();
    same_after_reading::<v1::DecisionChainUpdated>();
    same_after_reading::<v1::ConsentRecorded>();
    same_after_reading::<v1::EmployeeChanged>();
    same_after_reading::<v1::TeamMemberChanged>();
}

#[test]
fn an_event_from_before_its_newest_fields_still_reads() {
    let event = r#"{"customer_id":"0190f3a0-0000-7000-8000-000000000001","sequence":1,"code":"C-000001","name":"Acme",
        "kind":"enterprise","tier":"C","lifecycle":"prospect","owner":null,"parent_id":null,"external_ids":[]}"#;
    let v1::CustomerCreated(fact) = serde_json::from_str(event).expect("events only grow");
    assert_eq!((fact.roles, fact.country, fact.region_code, fact.industry_code), (vec![], None, None, None));
    assert_eq!(fact.language, None);
}

#[test]
fn an_event_with_fields_of_a_later_minor_still_reads() {
    let event = r#"{"contact_id":"0190f3a0-0000-7000-8000-000000000002","customer_id":"0190f3a0-0000-7000-8000-000000000001",
        "sequence":1,"added_later":true}"#;
    serde_json::from_str::<v1::ContactCreated>(event).expect("events only grow");
}
