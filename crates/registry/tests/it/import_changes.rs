//! Rows that change customers which are known.

use registry_contract::{Customer, v1};
use serde_json::{Value, json};
use testkit::{Client, both, eventually};

use crate::support::{CUSTOMERS, IMPORTS, counts, import, start};

const KNOWN: &str = "external_id,name,city,owner\n1,One,Bonn,li\n2,Two,Bonn,li\n3,Three,Bonn,li\n4,Four,Bonn,li\n";
/// Among changes of nothing but the row itself: one and the same customer twice, a key, an owner, a stage, a tier, what is
/// wrong, what is as it was, and who is new.
const CHANGED: &str = "external_id,name,city,phone,industry_code,owner,lifecycle,tier,external_id.crm,custom.card\n\
    1,One,Ulm,0731-111111,gbt4754:I65,,,,,gold\n\
    2,Two,Ulm,,,,,,,\n\
    1,One,Ulm,0731-222222,,,,,,\n\
    3,Three,Bonn,,,,,,,\n\
    4,Four,,none,,,,,,\n\
    5,Five,Ulm,,,,,,,silver\n\
    2,Zwei,Ulm,,,wang,first_purchase,A,c2,\n\
    2,Zwei,Köln,,,,,,,\n\
    5,Five,Köln,,,,,,,\n";

async fn known(client: &Client) -> Vec<Customer> {
    let list = client.get(&format!("{CUSTOMERS}?sort=code&limit=200")).await.expect(200);
    serde_json::from_value(list["items"].clone()).expect("customers")
}

both! {
    async fn many_changes_are_what_they_are_one_by_one(db: TestDb) {
        let (app, client) = start(db).await;
        let field = json!({ "key": "card", "label_en": "Card", "label_zh": "卡", "type": "text" });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
        assert_eq!(counts(&import(&client, "&system=erp", KNOWN).await), [4, 4, 0, 0, 0, 0]);
        let before = known(&client).await;
        app.drain_outbox().await;
        let tap = app.bus.tap(&[v1::CUSTOMER_CREATED, v1::CUSTOMER_UPDATED]).await;

        let taken = import(&client, "&system=erp", CHANGED).await;
        assert_eq!(counts(&taken), [9, 1, 6, 1, 1, 0]);
        let rows = client.get(&format!("{IMPORTS}/{}/rows?limit=200", taken.id)).await.expect(200);
        let outcomes: Vec<_> = rows["items"].as_array().expect("rows").iter().map(|row| row["outcome"].clone()).collect();
        let (created, updated) = ("created", "updated");
        assert_eq!(
            outcomes,
            [updated, updated, updated, "unchanged", "failed", created, updated, updated, updated]
        );
        let after = known(&client).await;
        let seen: Vec<_> = after
            .iter()
            .map(|one| (one.name.as_str(), one.city.as_deref().unwrap_or(""), one.phone.as_deref().unwrap_or(""), one.version))
            .collect();
        assert_eq!(
            seen,
            [("One", "Ulm", "0731-222222", 3), ("Zwei", "Köln", "", 4), ("Three", "Bonn", "", 1), ("Four", "Bonn", "", 1), ("Five", "Köln", "", 2)]
        );
        assert_eq!((after[0].industry_code.as_deref(), &after[0].custom_fields["card"]), (Some("gbt4754:I65"), &json!("gold")));
        let two = &after[1];
        assert_eq!((two.owner.as_deref(), two.lifecycle.as_str(), two.tier.as_str(), two.external_ids.len()), (Some("wang"), "first_purchase", "C", 2));
        let proposals = client.get(&format!("/api/v1/tier-proposals?customer_id={}", two.id)).await.expect(200);
        assert_eq!(proposals["items"].as_array().map(Vec::len), Some(1));
        for (query, found) in [("q=0731-2", 1), ("q=0731-1", 0), ("q=Zwei", 1), ("q=Two", 0), ("industry_code=gbt4754:I", 1)] {
            let page: Value = client.get(&format!("{CUSTOMERS}?{query}")).await.expect(200);
            assert_eq!(page["items"].as_array().map(Vec::len), Some(found), "{query}");
        }

        app.drain_outbox().await;
        let mut told: Vec<_> = tap.envelopes().await.into_iter().map(|event| (event.subject, event.sequence, event.r#type)).collect();
        told.sort();
        let versions = |customer: &Customer, versions: std::ops::RangeInclusive<i64>| -> Vec<_> {
            let kind = |version: i64| if version == 1 { v1::CUSTOMER_CREATED } else { v1::CUSTOMER_UPDATED };
            versions.map(|version| (customer.id.to_string(), version, kind(version).to_owned())).collect()
        };
        let mut expected = [versions(&after[0], 2..=3), versions(two, 2..=4), versions(&after[4], 1..=2)].concat();
        expected.sort();
        assert_eq!(told, expected);

        client.post(&format!("{IMPORTS}/{}/revert", taken.id), &json!({})).await.expect(202);
        eventually(|| async {
            let left = known(&client).await;
            if left.len() == 4 && left[0].city.as_deref() == Some("Bonn") { Ok(()) } else { Err(left.len()) }
        })
        .await;
        let strip = |customers: Vec<Customer>| -> Vec<Customer> {
            let same = |one: Customer| Customer { version: 0, updated_at: one.created_at, ..one };
            customers.into_iter().map(same).collect()
        };
        assert_eq!(strip(known(&client).await), strip(before));
    }
}
