//! Imports, and what others do to the same customers meanwhile.

use registry_contract::{Customer, Import, ImportState, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb, both};

use crate::support::{
    CUSTOMERS, IMPORTS, at, counts, create, emptied, import, named, read_import, run, send_file, start, until, user,
    waiting,
};

const POLICIES: &str = "/api/v1/tier-policies";
const FILLERS: usize = 20_000;

/// Batches enough for others to come in between. No row but those named is taken, so that they are soon taken back.
fn long_file(first: &str, last: &str) -> String {
    format!("name,external_id,phone,parent\n{first}{}{last}", fillers(FILLERS))
}

fn fillers(rows: usize) -> String {
    "Filler,,none,\n".repeat(rows)
}

async fn taken_back(client: &Client, import: &Import) -> Import {
    client.post(&format!("{IMPORTS}/{}/revert", import.id), &json!({})).await.expect(202);
    until(client, import, |import| import.state.is_final()).await
}

fn key(id: &str) -> Value {
    json!([{ "system": "erp", "id": id }])
}

both! {
    async fn what_others_change_during_an_import_is_not_taken_back_with_it(db: TestDb) {
        let (_app, client) = start(db).await;
        create(&client, json!({ "name": "Old", "phone": "0755-1", "external_ids": key("2") })).await;
        let first = "Leaf,1,,Root\nOld,2,0755-2,\nTwice,3,,\nAgain,6,,\n";
        let last = "Root,4,,\nOld,2,0755-22,\nTwice,3,0755-33,\nAgain,6,0755-66,\nStill,5,,Root\n";
        let begun: Import = send_file(&client, "&system=erp&wait=false", long_file(first, last)).await.read(202);
        until(&client, &begun, |import| import.rows > 0).await;
        let (old, leaf, twice) = ("C-000001", "C-000002", "C-000003");
        for code in [leaf, old, twice] {
            client.patch(&format!("{CUSTOMERS}/{code}"), "*", &json!({ "city": "Ulm" })).await.expect(200);
        }
        let midway = read_import(&client, &begun).await;
        assert!(midway.rows < FILLERS as i64, "the import was at its end already");
        let done = until(&client, &begun, |import| import.state.is_final()).await;
        assert_eq!((done.state, done.created, done.updated), (ImportState::Completed, 5, 4));
        let code = async |code: &str| client.get(&format!("{CUSTOMERS}/{code}")).await.read::<Customer>(200);
        let versions = [code(leaf).await.version, code(old).await.version, code(twice).await.version];
        assert_eq!(versions, [3, 4, 3]);

        let done = taken_back(&client, &done).await;
        assert_eq!((done.state, done.reverted, done.kept), (ImportState::Reverted, 3, 6));
        let list = client.get(&format!("{CUSTOMERS}?sort=code")).await.expect(200);
        let left: Vec<_> = list["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| (one["name"].clone(), one["city"].clone(), one["phone"].clone()))
            .collect();
        let ulm = |name: &str, phone: Value| (json!(name), json!("Ulm"), phone);
        assert_eq!(
            left,
            [
                ulm("Old", json!("0755-22")),
                ulm("Leaf", Value::Null),
                ulm("Twice", json!("0755-33")),
                (json!("Root"), Value::Null, Value::Null),
            ]
        );
    }

    async fn a_tier_that_takes_no_approval_is_the_customers_at_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let shipped = client.get(POLICIES).await.expect(200);
        let active = shipped["items"].as_array().expect("policies").iter().find(|policy| policy["active"] == true);
        let mut tiers = active.expect("an active policy")["tiers"].clone();
        for tier in tiers.as_array_mut().expect("tiers") {
            (tier["approvals_to_enter"], tier["approvals_to_leave"]) = (json!(0), json!(0));
        }
        let free = json!({ "code": "free", "name": "As files say", "name_zh": "按文件", "tiers": tiers });
        let free = client.post(POLICIES, &free).await.expect(201);
        let id = free["id"].as_str().expect("an id");
        client.post(&format!("{POLICIES}/{id}/activation"), &json!({})).await.expect(200);

        let known = create(&client, json!({ "name": "Acme", "external_ids": key("1") })).await;
        let taken = import(&client, "&system=erp", "name,external_id,tier,phone\nAcme,1,A,\nAcme,1,,0755-2\n").await;
        assert_eq!((taken.state, counts(&taken)), (ImportState::Completed, [2, 0, 2, 0, 0, 0]));
        let now: Customer = client.get(&at(&known)).await.read(200);
        assert_eq!((now.tier, now.phone.as_deref(), now.version), (Tier::A, Some("0755-2"), 3));

        let told = client.put(&format!("{CUSTOMERS}/external/erp/1"), &json!({ "name": "Acme", "tier": "B" })).await;
        assert_eq!(told.etag(), "\"4\"");
        assert_eq!(told.read::<Customer>(200).tier, Tier::B);
    }

    async fn a_dry_run_knows_who_belongs_to_the_parent_already(db: TestDb) {
        let (_app, client) = start(db).await;
        let root = named(&client, "Root").await;
        create(&client, json!({ "name": "Child", "external_ids": key("1"), "parent_id": root.id })).await;
        create(&client, json!({ "name": "Orphan", "external_ids": key("2") })).await;
        let file = "name,external_id,parent\nChild,1,Root\nOrphan,2,Root\nOrphan,2,Root\n";
        let dry = import(&client, "&system=erp&dry_run=true", file).await;
        assert_eq!(counts(&dry), [3, 0, 1, 2, 0, 0]);
        assert_eq!(counts(&import(&client, "&system=erp", file).await), counts(&dry));
    }
}

/// SQLite has one writer: there nobody meets another.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_means_the_survivor_of_a_merge_that_it_has_waited_for() {
    let (app, client) = start(TestDb::postgres().await).await;
    let survivor = named(&client, "Survivor").await;
    let merged = create(&client, json!({ "name": "Merged", "external_ids": key("1") })).await;
    let mut merge = app.db.begin().await.expect("a transaction");
    let (into, from) = (survivor.id, merged.id);
    for sql in [
        format!("UPDATE customers SET version = version + 1, merged_into = '{into}' WHERE id = '{from}'"),
        format!("UPDATE customer_external_ids SET customer_id = '{into}' WHERE customer_id = '{from}'"),
    ] {
        assert_eq!(run(&mut merge, &sql).await, 1);
    }
    let file = "name,external_id,phone\nSurvivor,1,0755-1\n";
    let begun: Import = send_file(&client, "&system=erp&wait=false", file).await.read(202);
    waiting(&app, "wait_event_type = 'Lock'").await;
    merge.commit().await.expect("a commit");

    let done = until(&client, &begun, |import| import.state.is_final()).await;
    assert_eq!((done.state, counts(&done)), (ImportState::Completed, [1, 0, 1, 0, 0, 0]));
    let now: Customer = client.get(&at(&survivor)).await.read(200);
    assert_eq!((now.phone.as_deref(), now.version), (Some("0755-1"), 2));
}

/// Others wait neither long for the parents of a file, nor in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn parents_are_found_for_some_rows_at_a_time_the_customers_before_the_hierarchy() {
    let (app, client) = start(TestDb::postgres().await).await;
    let root = named(&client, "Root").await;
    let early = create(&client, json!({ "name": "Early", "external_ids": key("1") })).await;
    create(&client, json!({ "name": "Free", "external_ids": key("2") })).await;
    let held = create(&client, json!({ "name": "Held", "external_ids": key("3") })).await;
    let first = format!("Early,1,,Root\n{}Free,2,,Root\nHeld,3,,Root\n", fillers(200));
    let begun: Import = send_file(&client, "&system=erp&wait=false", long_file(&first, "")).await.read(202);
    until(&client, &begun, |import| import.rows > 0).await;
    let (db, bus) = app.stop().await;

    let mut other = db.begin().await.expect("a transaction");
    let onward = run(&mut other, "UPDATE import_jobs SET phase = 'parents', position = 0").await;
    assert_eq!(onward, 1, "the import was not at its end");
    other.commit().await.expect("a commit");
    let mut other = db.begin().await.expect("a transaction");
    run(&mut other, &format!("SELECT 1 FROM customers WHERE id = '{}' FOR NO KEY UPDATE", held.id)).await;
    let app = App::start_with(&registry::SERVICE, db, bus, |_| {}).await;
    let client = user(&app, 1);
    waiting(&app, "wait_event_type = 'Lock'").await;
    let settled: Customer = client.get(&at(&early)).await.read(200);
    assert_eq!(settled.parent_id, Some(root.id), "what came before is committed");
    let free = "SELECT 1 WHERE pg_try_advisory_xact_lock(hashtext('customers.parent_id'))";
    assert_eq!(run(&mut other, free).await, 1, "who waits for a customer does not hold the hierarchy");
    other.commit().await.expect("a commit");

    let done = until(&client, &begun, |import| import.state.is_final()).await;
    assert_eq!(done.state, ImportState::Completed);
    assert_eq!(client.get(&at(&held)).await.read::<Customer>(200).parent_id, Some(root.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_meets_others_at_a_link_is_told_to_try_again() {
    let (app, client) = start(TestDb::postgres().await).await;
    let parent = named(&client, "Parent").await;
    let child = create(&client, json!({ "name": "Child", "parent_id": parent.id })).await;
    let links = client.get(&format!("{}/links", at(&child))).await.expect(200);
    let path = format!("/api/v1/customer-links/{}", links["items"][0]["id"].as_str().expect("an id"));
    let mut other = app.db.begin().await.expect("a transaction");
    run(&mut other, "SET LOCAL deadlock_timeout = '1min'").await;
    run(&mut other, "SELECT pg_advisory_xact_lock(hashtext('customers.parent_id'))").await;
    let changed = tokio::spawn({
        let client = client.clone();
        async move { client.patch(&path, "*", &json!({ "kind": "branch" })).await }
    });
    waiting(&app, "wait_event = 'advisory'").await;
    // Closes a circle. Who sees it first gives way.
    run(&mut other, &format!("SELECT 1 FROM customers WHERE id = '{}' FOR NO KEY UPDATE", child.id)).await;
    assert_eq!(changed.await.expect("an answer").problem(), (409, "contended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_back_what_somebody_else_has_begun_to_is_told() {
    let (app, client) = start(TestDb::postgres().await).await;
    let taken = import(&client, "&system=erp", "name,external_id\nOne,1\n").await;
    let mut other = app.db.begin().await.expect("a transaction");
    assert_eq!(run(&mut other, "UPDATE imports SET version = version + 1").await, 1);
    let path = format!("{IMPORTS}/{}/revert", taken.id);
    let second = tokio::spawn({
        let client = client.clone();
        async move { client.post(&path, &json!({})).await }
    });
    waiting(&app, "wait_event_type = 'Lock'").await;
    other.commit().await.expect("a commit");
    assert_eq!(second.await.expect("an answer").problem(), (409, "contended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_found_meanwhile_is_no_use_of_its_customers() {
    let (app, client) = start(TestDb::postgres().await).await;
    let taken = import(&client, "&system=erp", "name,external_id\nOne,1\nTwo,2\n").await;
    emptied(&app, "duplicate_queue").await;
    let mut comparison = app.db.begin().await.expect("a transaction");
    run(&mut comparison, "SELECT pg_advisory_xact_lock(hashtext('duplicate_keys'))").await;
    client.post(&format!("{IMPORTS}/{}/revert", taken.id), &json!({})).await.expect(202);
    waiting(&app, "wait_event = 'advisory'").await;
    let pair = "INSERT INTO duplicate_pairs
        (id, first_id, second_id, score, reasons, state, version, created_at, updated_at)
        SELECT gen_random_uuid(), one.id, other.id, 80, '[]'::jsonb, 'open', 1, now(), now()
        FROM customers AS one JOIN customers AS other ON one.id < other.id";
    assert_eq!(run(&mut comparison, pair).await, 1);
    comparison.commit().await.expect("a commit");
    let done = until(&client, &taken, |import| import.state == ImportState::Reverted).await;
    assert_eq!((done.reverted, done.kept, client.count(CUSTOMERS).await), (2, 0, 0));
}
