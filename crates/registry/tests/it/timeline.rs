use chassis::Caller;
use registry_contract::{Customer, TierProposal, Transfer};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{App, Client, both};

use crate::profiles::{STRATEGY, approved, section, strategy};
use crate::qualifications::{answers, decide, qualify};
use crate::support::{
    CONTACTS, CUSTOMERS, all_pages, at, colleague, create, hold, named, person, redact, seat, start, user,
};
use crate::vendors::{record, routers, shares, vendor};

const OF_PERSONS: [&str; 4] = ["contact_added", "holding_began", "holding_ended", "consent_recorded"];

/// Someone who may also merge.
fn merger(app: &App) -> Client {
    app.client_as(Caller {
        id: "user:0198a000-0000-7000-8000-000000000009".to_owned(),
        name: "merger".to_owned(),
        roles: vec![],
        permissions: ["customers:read", "customers:write", "customers:merge"].map(str::to_owned).to_vec(),
    })
}

async fn employ(client: &Client, code: &str) {
    let new = json!({ "code": code, "name": code, "active_from": "2020-01-01" });
    client.post("/api/v1/employees", &new).await.expect(201);
}

/// A customer to which about everything happened once.
async fn eventful(app: &App, client: &Client) -> (Customer, Customer) {
    let customer = create(client, json!({ "name": "Acme", "owner": "li.wei", "lifecycle": "prospect" })).await;
    let proposal = json!({ "customer_id": customer.id, "tier": "A", "reason": "grows" });
    let proposal: TierProposal = client.post("/api/v1/tier-proposals", &proposal).await.read(201);
    for name in ["wang", "chen"] {
        let decisions = format!("/api/v1/tier-proposals/{}/decisions", proposal.id);
        colleague(app, name).post(&decisions, &json!({ "verdict": "approve" })).await.expect(200);
    }
    let moved = json!({ "to": "first_purchase", "reason": "bought at the fair" });
    client.post(&format!("{}/lifecycle", at(&customer)), &moved).await.expect(200);
    let qualification = qualify(client, &customer, &answers(&[])).await.read(201);
    decide(client, &qualification, "accept").await.expect(200);
    handed_over(app, client, &customer).await;
    people(client, &customer).await;
    approved(client, &[&user(app, 2), &user(app, 3)], &section(&customer, STRATEGY), &strategy("快")).await;
    let us = vendor(client, &customer, "self", "Us").await;
    record(client, &shares(&customer, "2026-Q1"), "*", &routers(&[(&us, 3_500)])).await.expect(200);
    let group = named(client, "Group").await;
    let link = json!({ "parent_id": group.id, "from": "2024-01-01" });
    client.post(&format!("{}/links", at(&customer)), &link).await.expect(201);
    let twin = named(client, "Acme twin").await;
    let merger = merger(app);
    let body = json!({ "merged_id": twin.id, "reason": "the same" });
    let merge = merger.request(Method::POST, &format!("{}/merge", at(&customer))).header(IF_MATCH, "*").json(&body);
    merger.send(merge).await.expect(201);
    merger.post(&format!("{}/unmerge", at(&twin)), &json!({})).await.expect(200);
    (customer, twin)
}

async fn handed_over(app: &App, client: &Client, customer: &Customer) {
    employ(client, "wang").await;
    let new = json!({ "to": "wang", "reason": "rotation" });
    for how in ["cancellation", "completion"] {
        let transfer: Transfer = client.post(&format!("{}/transfers", at(customer)), &new).await.read(201);
        let path = format!("/api/v1/transfers/{}/{how}", transfer.id);
        colleague(app, "wang").post(&path, &json!({})).await.expect(200);
    }
    client.patch(&at(customer), "*", &json!({ "owner": "chen" })).await.expect(200);
    let member = json!({ "employee": "wang", "role": "solution", "from": "2023-01-01", "until": "2023-07-01" });
    client.post(&format!("{}/team", at(customer)), &member).await.expect(201);
}

async fn people(client: &Client, customer: &Customer) {
    let contact = person(client, customer, "李伟").await;
    let cto = seat(client, customer, json!({ "title": "CTO" })).await;
    hold(client, &contact, &cto, "2020-01-01", Some("2021-01-01")).await;
    hold(client, &contact, &cto, "2999-01-01", None).await;
    let consent = json!({
        "purpose": "marketing", "channel": "any", "decision": "withdrawn", "decided_at": "2022-03-01T08:00:00Z", "source": "Call",
    });
    client.post(&format!("{CONTACTS}/{}/consents", contact.id), &consent).await.expect(201);
}

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["event"]["kind"].as_str().expect("a kind")).collect()
}

both! {
    async fn what_happened_to_a_customer_is_one_list_the_latest_first(db: TestDb) {
        let (app, client) = start(db).await;
        let (customer, twin) = eventful(&app, &client).await;
        let path = format!("{}/timeline", at(&customer));
        let page = client.get(&format!("{path}?limit=200&count=exact")).await.expect(200);
        insta::assert_json_snapshot!(redact(page.clone()), @r#"
        {
          "count": 20,
          "items": [
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000009",
              "event": {
                "kind": "merge_undone",
                "merge_id": "[id]",
                "merged_code": "C-000003",
                "merged_id": "[id]",
                "reason": "the same",
                "survivor_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000009",
              "event": {
                "kind": "merged",
                "merge_id": "[id]",
                "merged_code": "C-000003",
                "merged_id": "[id]",
                "reason": "the same",
                "survivor_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "kind": "vendor_shares_recorded",
                "period": "2026-Q1",
                "revision": 1
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "kind": "profile_approved",
                "number": 1,
                "section": "strategy_and_pain_points",
                "valid_until": "2999-12-31",
                "version_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "contact_id": "[id]",
                "kind": "contact_added"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "from": "wang",
                "kind": "owner_changed",
                "to": "chen"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:wang",
              "event": {
                "from": "li.wei",
                "kind": "transfer_completed",
                "reason": "rotation",
                "to": "wang",
                "transfer_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "from": "li.wei",
                "kind": "transfer_started",
                "reason": "rotation",
                "to": "wang",
                "transfer_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:wang",
              "event": {
                "from": "li.wei",
                "kind": "transfer_cancelled",
                "reason": "rotation",
                "to": "wang",
                "transfer_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "from": "li.wei",
                "kind": "transfer_started",
                "reason": "rotation",
                "to": "wang",
                "transfer_id": "[id]"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "decision": "accept",
                "kind": "qualification_decided",
                "outcome": "pass",
                "qualification_id": "[id]",
                "reason": "a good fit",
                "score": 10000
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "from": "prospect",
                "kind": "lifecycle_moved",
                "move_id": "[id]",
                "order": null,
                "reason": "bought at the fair",
                "rule": null,
                "to": "first_purchase"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "from": "C",
                "kind": "tier_changed",
                "policy_tier": "A",
                "proposal_id": "[id]",
                "proposed_by": "user:0198a000-0000-7000-8000-000000000001",
                "reason": "grows",
                "source": "manual",
                "to": "A"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "customer_id": "[id]",
                "kind": "created"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "kind": "link_began",
                "link_id": "[id]",
                "link_kind": "member",
                "parent_id": "[id]"
              },
              "on": "2024-01-01"
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "employee_id": "[id]",
                "kind": "member_left",
                "member_id": "[id]",
                "role": "solution"
              },
              "on": "2023-07-01"
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "employee_id": "[id]",
                "kind": "member_joined",
                "member_id": "[id]",
                "role": "solution"
              },
              "on": "2023-01-01"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "event": {
                "channel": "any",
                "consent_id": "[id]",
                "contact_id": "[id]",
                "decision": "withdrawn",
                "kind": "consent_recorded",
                "purpose": "marketing"
              },
              "on": null
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "contact_id": "[id]",
                "holding_id": "[id]",
                "kind": "holding_ended",
                "position_id": "[id]"
              },
              "on": "2021-01-01"
            },
            {
              "at": "[time]",
              "by": null,
              "event": {
                "contact_id": "[id]",
                "holding_id": "[id]",
                "kind": "holding_began",
                "position_id": "[id]"
              },
              "on": "2020-01-01"
            }
          ],
          "next_cursor": null
        }
        "#);

        let all = page["items"].as_array().expect("items").clone();
        let (paged, pages) = all_pages(&client, &format!("{path}?limit=3")).await;
        assert_eq!((&paged, pages), (&all, all.len().div_ceil(3)));
        let (mut oldest_first, _) = all_pages(&client, &format!("{path}?limit=4&sort=at")).await;
        oldest_first.reverse();
        assert_eq!(oldest_first, all);
        let (some, _) = all_pages(&client, &format!("{path}?limit=1&kind=tier_changed,holding_ended,merged")).await;
        assert_eq!(kinds(&some), ["merged", "tier_changed", "holding_ended"]);
        let of_twin = client.get(&format!("{}/timeline", at(&twin))).await.expect(200);
        assert_eq!(kinds(of_twin["items"].as_array().expect("items")), ["merge_undone", "merged", "created"]);
        let by_code = client.get(&format!("{CUSTOMERS}/{}/timeline?limit=200&count=exact", customer.code)).await.expect(200);
        assert_eq!(by_code, page);
        for (path, problem) in [
            (format!("{CUSTOMERS}/C-999999/timeline"), (404, "customer-not-found")),
            (format!("{path}?sort=kind"), (400, "query-invalid")),
            (format!("{path}?kind=born"), (400, "query-invalid")),
        ] {
            assert_eq!(client.get(&path).await.problem(), problem, "{path}");
        }
    }

    async fn what_tells_of_persons_is_listed_only_for_who_may_read_contacts(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        people(&client, &customer).await;
        let path = format!("{}/timeline?limit=2", at(&customer));
        let (all, _) = all_pages(&client, &path).await;
        assert_eq!(kinds(&all), ["contact_added", "created", "consent_recorded", "holding_ended", "holding_began"]);
        let stranger = app.client(&["customers:read"]);
        let (some, _) = all_pages(&stranger, &path).await;
        assert_eq!(kinds(&some), ["created"]);
        let asked = stranger.get(&format!("{path}&kind={}&count=exact", OF_PERSONS.join(","))).await.expect(200);
        assert_eq!(asked, json!({ "items": [], "next_cursor": null, "count": 0 }));
    }

    async fn a_merged_customers_timeline_is_that_of_the_survivor(db: TestDb) {
        let (app, client) = start(db).await;
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Acme twin").await);
        people(&client, &goes).await;
        let merger = merger(&app);
        let merge = merger.request(Method::POST, &format!("{}/merge", at(&keeps))).header(IF_MATCH, "*");
        merger.send(merge.json(&json!({ "merged_id": goes.id }))).await.expect(201);
        let timeline = client.get(&format!("{}/timeline", at(&keeps))).await.expect(200);
        let expected = ["merged", "contact_added", "created", "consent_recorded", "holding_ended", "holding_began"];
        assert_eq!(kinds(timeline["items"].as_array().expect("items")), expected);
        assert_eq!(client.get(&format!("{}/timeline", at(&goes))).await.expect(200), timeline);
    }
}
