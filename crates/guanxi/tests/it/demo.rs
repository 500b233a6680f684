use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::system::{System, eventually};

const TIERS: [&str; 4] = ["S", "A", "B", "C"];
const KINDS: [&str; 5] = ["consumer", "buyer", "enterprise", "intermediary", "channel_partner"];
const STAGES: [&str; 7] = ["suspect", "prospect", "first_purchase", "repeat", "advocate", "lapsed", "regained"];
const STATES: [&str; 8] =
    ["received", "acknowledged", "assessed", "investigating", "responded", "resolved", "closed", "withdrawn"];

fn values<'a>(items: &'a [Value], field: &str) -> BTreeSet<&'a str> {
    items.iter().filter_map(|item| item[field].as_str()).collect()
}

/// One start serves all checks: filling the world is what takes the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_world() {
    let data = tempfile::tempdir().expect("a folder");
    let System { house, caller } = System::start_with(data.path(), true).await;

    let customers = caller.all("/customers").await;
    assert!(customers.len() >= 200, "{} customers", customers.len());
    assert_eq!(values(&customers, "tier"), BTreeSet::from(TIERS));
    assert_eq!(values(&customers, "kind"), BTreeSet::from(KINDS));
    assert_eq!(values(&customers, "lifecycle"), BTreeSet::from(STAGES));
    assert!(values(&customers, "country").len() > 15);
    assert!(values(&customers, "parent_id").len() >= 10);

    let employees = caller.all("/employees").await;
    assert!(values(&customers, "owner").is_subset(&values(&employees, "code")), "owners are employees");
    let reports = caller.get("/employees/chen.guoan/reports?depth=5").await;
    assert_eq!(reports["items"].as_array().map(Vec::len), Some(employees.len() - 1), "everyone reports to the head");

    let contacts = caller.all("/contacts").await;
    assert!(contacts.len() >= 1_000, "{} contacts", contacts.len());
    for contact in contacts.iter().step_by(50) {
        let holdings = caller.get(&format!("/contacts/{}/holdings", contact["id"].as_str().expect("an id"))).await;
        assert_eq!(holdings["items"].as_array().map(Vec::len), Some(1), "{contact}");
    }

    assert!(caller.count("/interactions").await >= 5_000);

    let complaints = caller.all("/complaints").await;
    assert!(complaints.len() >= 300, "{} complaints", complaints.len());
    assert_eq!(values(&complaints, "state"), BTreeSet::from(STATES));
    assert!(complaints.iter().all(|complaint| complaint["customer_known"] == true));
    let with = |field: &str, value: Value| complaints.iter().filter(|complaint| complaint[field] == value).count();
    assert!(with("reopened_count", 1.into()) >= 10);
    assert!(with("timely", false.into()) >= 30, "{} late", with("timely", false.into()));
    assert!(with("timely", true.into()) >= 100, "{} in time", with("timely", true.into()));

    eventually("every customer has a score", || async {
        (caller.count("/scores").await == customers.len() as i64).then_some(())
    })
    .await;
    let scores = caller.all("/scores").await;
    let engagements: HashSet<i64> = scores.iter().filter_map(|score| score["engagement"].as_i64()).collect();
    assert!(engagements.len() > 20, "scores differ: {engagements:?}");

    let strategic = customers.iter().find(|customer| customer["tier"] == "S").expect("an S customer");
    let all = caller.get(&format!("/customers/{}/360", strategic["code"].as_str().expect("a code"))).await;
    assert_eq!(all["interactions"].as_array().map(Vec::len), Some(20));
    assert!(all["positions"].as_array().is_some_and(|positions| positions.len() >= 10));

    let (credentials, interactions) = (house.demo().cloned(), caller.count("/interactions").await);
    house.close().await;
    let System { house, caller } = System::start_with(data.path(), true).await;
    assert_eq!(house.demo().cloned(), credentials, "a restart tells the same credentials");
    assert_eq!(caller.count("/interactions").await, interactions, "a restart does not refill");
    house.close().await;
}
