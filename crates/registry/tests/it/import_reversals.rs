//! Imports taken back: exactly what was there is there again, and what is not says why.

use registry_contract::{Customer, Import, ImportState, Lifecycle, LifecycleHistory, LifecycleRule};
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, IMPORTS, at, counts, create, emptied, import, start, until, user};

const PROPOSALS: &str = "/api/v1/tier-proposals";

fn key(id: &str) -> Value {
    json!([{ "system": "erp", "id": id }])
}

async fn taken_back(client: &Client, import: &Import) -> Import {
    client.post(&format!("{IMPORTS}/{}/revert", import.id), &json!({})).await.expect(202);
    until(client, import, |import| import.state.is_final()).await
}

/// The tiers that people are asked for, each with its customer.
async fn asked(client: &Client) -> Vec<(Value, Value)> {
    let open = client.get(&format!("{PROPOSALS}?state=open&sort=created_at")).await.expect(200);
    let open = open["items"].as_array().expect("items").iter();
    open.map(|one| (one["customer_id"].clone(), one["tier"].clone())).collect()
}

/// Row and code of each row that was kept.
async fn kept(client: &Client, import: &Import) -> Vec<(i64, String)> {
    let rows = client.get(&format!("{IMPORTS}/{}/rows?outcome=kept", import.id)).await.expect(200);
    let told = |row: &Value| {
        let code = row["errors"][0]["code"].as_str().expect("a code");
        (row["row"].as_i64().expect("a number"), code.to_owned())
    };
    rows["items"].as_array().expect("items").iter().map(told).collect()
}

/// Without what counts changes.
fn same(customer: Customer) -> Customer {
    Customer { version: 0, updated_at: customer.created_at, ..customer }
}

both! {
    async fn a_stage_that_a_row_has_moved_is_what_it_was(db: TestDb) {
        let (app, client) = start(db).await;
        let before = create(&client, json!({ "name": "Acme", "owner": "li", "city": "Bonn", "external_ids": key("1") })).await;
        let file = "external_id,name,lifecycle,city,owner\n1,Acme,first_purchase,Ulm,wang\n\
                    2,New,prospect,,li\n2,New,first_purchase,,wang\n";
        let taken = import(&client, "&system=erp&name=list.csv", file).await;
        assert_eq!(counts(&taken), [3, 1, 2, 0, 0, 0]);
        let done = taken_back(&client, &taken).await;
        assert_eq!((done.state, done.reverted, done.kept), (ImportState::Reverted, 3, 0), "{:?}", kept(&client, &done).await);
        assert_eq!(client.count(CUSTOMERS).await, 1, "what moved a new customer goes with it");
        // Nothing in the database would have refused it.
        emptied(&app, "customer_external_ids WHERE customer_id NOT IN (SELECT id FROM customers)").await;
        assert_eq!(same(client.get(&at(&before)).await.read(200)), same(before.clone()));

        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&before))).await.read(200);
        let moves: Vec<_> = history.moves.iter().map(|one| (one.from, one.to, one.rule, one.reason.as_deref())).collect();
        assert_eq!(
            moves,
            [
                (Lifecycle::Prospect, Lifecycle::FirstPurchase, None, None),
                (
                    Lifecycle::FirstPurchase,
                    Lifecycle::Prospect,
                    Some(LifecycleRule::TakenBack),
                    Some("the import list.csv was taken back")
                ),
            ]
        );
        let again = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&again), [3, 1, 2, 0, 0, 0]);
    }

    async fn a_customer_of_two_rows_far_apart_is_what_it_was(db: TestDb) {
        let (_app, client) = start(db).await;
        let before = create(&client, json!({ "name": "Acme", "city": "Bonn", "external_ids": key("1") })).await;
        // More than one transaction of a reversal takes.
        let between: String = (2..252).map(|row| format!("{row},New {row},Ulm\n")).collect();
        let file = format!("external_id,name,city\n1,Acme,Ulm\n{between}1,Acme,Kiel\n");
        let taken = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&taken), [252, 250, 2, 0, 0, 0]);
        let done = taken_back(&client, &taken).await;
        assert_eq!((done.reverted, done.kept), (252, 0), "{:?}", kept(&client, &done).await);
        assert_eq!(same(client.get(&at(&before)).await.read(200)), same(before));
    }

    async fn a_lapse_is_as_old_as_it_was_before_the_import(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = create(&client, json!({ "name": "Acme", "external_ids": key("1") })).await;
        let order = async |id: &str, day: String| {
            let path = format!("{}/order-facts/erp/{id}", at(&acme));
            client.put(&path, &json!({ "ordered_on": day })).await.read::<LifecycleHistory>(200).stage
        };
        assert_eq!(order("1", "2020-01-10".to_owned()).await, Lifecycle::Lapsed);
        let taken = import(&client, "&system=erp", "external_id,name,lifecycle\n1,Acme,regained\n").await;
        assert_eq!((taken_back(&client, &taken).await.reverted, taken.updated), (1, 1));
        // Since 2020, and not since the import was taken back: an order of yesterday is one after the lapse.
        let yesterday = chrono::Utc::now().date_naive() - chrono::Days::new(1);
        assert_eq!(order("2", yesterday.to_string()).await, Lifecycle::Regained);
    }

    async fn tiers_that_rows_have_proposed_are_proposed_no_longer(db: TestDb) {
        let (_app, client) = start(db).await;
        let one = create(&client, json!({ "name": "One", "external_ids": key("1") })).await;
        let two = create(&client, json!({ "name": "Two", "external_ids": key("2") })).await;
        client.put(&format!("{CUSTOMERS}/external/erp/2"), &json!({ "tier": "A" })).await.expect(200);
        let before = asked(&client).await;
        assert_eq!(before, [(json!(two.id), json!("A"))]);

        let file = "external_id,name,tier,city\n1,One,S,\n2,Two,B,\n2,Two,B,Ulm\n3,Three,C,\n3,Three,A,\n";
        let dry = import(&client, "&system=erp&dry_run=true", file).await;
        assert_eq!(counts(&dry), [5, 1, 4, 0, 0, 0], "a proposal is no nothing");
        assert_eq!(asked(&client).await, before, "it was a rehearsal");
        let taken = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&taken), counts(&dry));
        assert_eq!(asked(&client).await.len(), 3);
        let again = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&again), [5, 0, 0, 5, 0, 0], "what is proposed already is not proposed again");

        let done = taken_back(&client, &taken).await;
        assert_eq!((done.state, done.reverted, done.kept), (ImportState::Reverted, 5, 0), "{:?}", kept(&client, &done).await);
        assert_eq!(asked(&client).await, before, "what the file had taken the place of is asked for again");
        assert_eq!(client.count(CUSTOMERS).await, 2);
        let now: Vec<Customer> = vec![client.get(&at(&one)).await.read(200), client.get(&at(&two)).await.read(200)];
        assert_eq!((now[0].version, now[1].city.as_deref()), (1, None));

        // Nobody has turned it down: the file may come again.
        assert_eq!(counts(&import(&client, "&system=erp", file).await), counts(&dry));
    }

    async fn what_people_have_settled_or_changed_since_stays(db: TestDb) {
        let (app, client) = start(db).await;
        let decided = create(&client, json!({ "name": "Decided", "external_ids": key("1") })).await;
        let changed = create(&client, json!({ "name": "Changed", "external_ids": key("2") })).await;
        let file = "external_id,name,tier,city\n1,Decided,B,\n2,Changed,B,Ulm\n";
        let taken = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&taken), [2, 0, 2, 0, 0, 0]);
        let open = client.get(&format!("{PROPOSALS}?customer_id={}", decided.id)).await.expect(200);
        let decisions = format!("{PROPOSALS}/{}/decisions", open["items"][0]["id"].as_str().expect("an id"));
        user(&app, 2).post(&decisions, &json!({ "verdict": "approve" })).await.expect(200);
        client.patch(&at(&changed), "*", &json!({ "phone": "0755-1" })).await.expect(200);

        let done = taken_back(&client, &taken).await;
        assert_eq!((done.reverted, done.kept), (0, 2));
        let codes = [(2, "tier-decided".to_owned()), (3, "changed-since".to_owned())];
        assert_eq!(kept(&client, &done).await, codes);
        assert_eq!(asked(&client).await, [], "nobody has settled the other's: it goes with the import");
        let now: Customer = client.get(&at(&decided)).await.read(200);
        assert_eq!(now.tier.as_str(), "B");
    }

    async fn a_row_whose_former_values_are_refused_says_why(db: TestDb) {
        let (_app, client) = start(db).await;
        let duns = |value: &str| json!([{ "type": "duns", "value": value }]);
        let acme = json!({ "name": "Acme", "external_ids": key("1"), "identifiers": duns("123456789") });
        create(&client, acme).await;
        let taken = import(&client, "&system=erp", "external_id,name,duns\n1,Acme,987654321\n").await;
        assert_eq!(counts(&taken), [1, 0, 1, 0, 0, 0]);
        create(&client, json!({ "name": "Other", "identifiers": duns("123456789") })).await;
        let done = taken_back(&client, &taken).await;
        assert_eq!((done.reverted, done.kept), (0, 1));
        assert_eq!(kept(&client, &done).await, [(2, "identifier-taken".to_owned())]);
    }
}
