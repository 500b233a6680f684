//! Whatever two records are and have: merged and parted again they are and have the same, whatever else happened in between.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use registry_contract::{Contact, Customer};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Map, Value, json};
use testkit::{App, Client, TestDb, both};
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::merge_undoing;
use crate::merges::{dump, merge, unmerge};
use crate::support::{CONTACTS, at, create, hold, named, person, seat};

/// Each is some forty requests.
const CASES: u32 = 8;
/// Of three records, the same.
const CASES_OF_THREE: u32 = 4;
const FIELDS: [&str; 14] = [
    "name",
    "short_name",
    "phone",
    "city",
    "website",
    "employees",
    "roles",
    "language",
    "annual_revenue",
    "industry_code",
    "region_code",
    "custom_fields",
    "owner",
    "lifecycle",
];
const SECTIONS: [&str; 3] = ["swot_summary", "competition", "financial_analysis"];
const PERIODS: [&str; 3] = ["2023", "2024", "2025"];

/// One of the two records.
#[derive(Debug, Clone)]
struct Side {
    values: Vec<(&'static str, Value)>,
    keys: usize,
    shares_number: bool,
    people: Vec<Person>,
    branches: usize,
    orders: usize,
    has_parent: bool,
    sections: Vec<&'static str>,
    periods: Vec<&'static str>,
    has_member: bool,
    is_qualified: bool,
    sets_chain: bool,
    sells: bool,
}

/// What is done to the one record that the two are for a while, and taken back when they are two again.
#[derive(Debug, Clone, Copy)]
struct Meanwhile {
    address: bool,
    remark: bool,
    vendors: bool,
    seats: bool,
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    any::<[bool; 4]>().prop_map(|[address, remark, vendors, seats]| Meanwhile { address, remark, vendors, seats })
}

#[derive(Debug, Clone)]
struct Person {
    email: Option<u8>,
    seat: Option<bool>,
    has_consent: bool,
    has_stance: bool,
}

fn people() -> impl Strategy<Value = Person> {
    let email = prop::option::of(0_u8..3);
    (email, prop::option::of(any::<bool>()), any::<bool>(), any::<bool>())
        .prop_map(|(email, seat, has_consent, has_stance)| Person { email, seat, has_consent, has_stance })
}

fn side() -> impl Strategy<Value = Side> {
    let values = vec![
        ("short_name", json!("Short")),
        ("phone", json!("0755-1234567")),
        ("city", json!("Shenzhen")),
        ("website", Value::Null),
        ("employees", json!(12)),
        ("roles", json!(["buyer", "channel_partner"])),
        ("language", json!("en")),
        ("annual_revenue", json!({ "amount": "100.00", "currency": "EUR" })),
        ("industry_code", json!("gbt4754:I65")),
        ("region_code", json!("CN-GD")),
        ("custom_fields", json!({ "motto": "Onward", "grade": "A" })),
        ("custom_fields", json!({ "grade": "B" })),
        ("owner", json!("wang")),
        ("lifecycle", json!("repeat")),
        ("tier", json!("A")),
    ];
    let values = subsequence(values, 0..=15);
    let has = any::<[bool; 6]>();
    let lists = (subsequence(SECTIONS.to_vec(), 0..=3), subsequence(PERIODS.to_vec(), 0..=3));
    let counts = (0..3_usize, 0..3_usize, 0..3_usize);
    (values, prop::collection::vec(people(), 0..3), counts, lists, has).prop_map(
        |(values, people, (keys, branches, orders), (sections, periods), has)| {
            let [shares_number, has_parent, has_member, is_qualified, sets_chain, sells] = has;
            Side {
                values,
                keys,
                shares_number,
                people,
                branches,
                orders,
                has_parent,
                sections,
                periods,
                has_member,
                is_qualified,
                sets_chain,
                sells,
            }
        },
    )
}

fn choices() -> impl Strategy<Value = Map<String, Value>> {
    let chosen = subsequence(FIELDS.to_vec(), 0..=FIELDS.len());
    (chosen, any::<[bool; 14]>()).prop_map(|(fields, merged)| {
        let source = |merged: bool| json!(if merged { "merged" } else { "survivor" });
        fields.into_iter().zip(merged).map(|(field, merged)| (field.to_owned(), source(merged))).collect()
    })
}

/// Makes the record, under `parent` if it has one.
async fn enter(client: &Client, side: &Side, number: u128, name: &str, parent: &Customer) -> Customer {
    let mut new = json!({ "name": name, "country": "CN" });
    for (field, value) in &side.values {
        new[*field] = value.clone();
    }
    if new.get("website").is_some() {
        new["website"] = json!(format!("https://acme{number:09}.example"));
    }
    let keys = (0..side.keys).map(|_| json!({ "system": "sap", "id": Uuid::now_v7() }));
    new["external_ids"] = keys.collect();
    if side.shares_number {
        new["identifiers"] = json!([{ "type": "other", "scheme": "us_ein", "value": format!("{number:09}") }]);
    }
    if side.has_parent {
        new["parent_id"] = json!(parent.id);
    }
    let customer = create(client, new).await;
    for branch in 0..side.branches {
        create(client, json!({ "name": format!("{name} branch {branch}"), "parent_id": customer.id })).await;
    }
    for one in &side.people {
        meet(client, side, number, &customer, one).await;
    }
    know(client, side, &customer).await;
    customer
}

async fn meet(client: &Client, side: &Side, number: u128, customer: &Customer, one: &Person) {
    let contact: Contact = person(client, customer, "李伟").await;
    let path = format!("{CONTACTS}/{}", contact.id);
    if let Some(host) = one.email {
        let email = json!({ "email": format!("li{host}@acme{host}{number:09}.example") });
        client.patch(&path, "*", &email).await.expect(200);
    }
    if one.has_consent {
        let consent = json!({
            "purpose": "marketing", "channel": "any", "decision": "withdrawn", "decided_at": "2026-03-01T08:00:00Z",
            "source": "Call",
        });
        client.post(&format!("{path}/consents"), &consent).await.expect(201);
    }
    let Some(has_left) = one.seat else { return };
    let position = seat(client, customer, json!({ "title": "CTO", "decision_role": "decider" })).await;
    hold(client, &contact, &position, "2025-01-01", has_left.then_some("2026-01-01")).await;
    if one.has_stance {
        let stance =
            json!({ "contact_id": contact.id, "stance": "neutral", "read_on": "2025-02-01", "read_by": "li.wei" });
        client.post(&format!("/api/v1/positions/{}/stances", position.id), &stance).await.expect(201);
    }
    if side.sets_chain {
        let path = format!("{}/decision-chain/seats/{}", at(customer), position.id);
        client.put(&path, &json!({ "matching_employee": "wang" })).await.expect(200);
        let path = format!("{path}?opportunity={}", Uuid::now_v7());
        client.put(&path, &json!({ "vote_weight": 60 })).await.expect(200);
    }
}

async fn know(client: &Client, side: &Side, customer: &Customer) {
    for section in &side.sections {
        let path = format!("{}/profile/{section}", at(customer));
        put(client, &path, &json!({ "content": {} })).await;
    }
    let mut shares = Vec::new();
    for (kind, name, is_there) in [("competitor", "Rival", !side.periods.is_empty()), ("self", "Us", side.sells)] {
        if is_there {
            let vendor = json!({ "kind": kind, "name": name });
            let vendor = client.post(&format!("{}/vendors", at(customer)), &vendor).await.expect(201)["id"].clone();
            shares.push(json!({ "vendor_id": vendor, "share_bp": 4000 }));
        }
    }
    for period in &side.periods {
        let path = format!("{}/vendor-shares/{period}", at(customer));
        put(client, &path, &json!({ "lines": [{ "product_line": "Routers", "shares": shares }] })).await;
    }
    if side.has_member {
        let member = json!({ "employee": "wang", "role": "solution", "from": "2026-01-01" });
        client.post(&format!("{}/team", at(customer)), &member).await.expect(201);
    }
    for month in 1..=side.orders {
        let path = format!("{}/order-facts/sap/{}", at(customer), Uuid::now_v7());
        client.put(&path, &json!({ "ordered_on": format!("2026-{month:02}-05") })).await.expect(200);
    }
    if side.is_qualified {
        let answers = crate::qualifications::answers(&[]);
        client.post(&format!("{}/qualifications", at(customer)), &answers).await.expect(201);
    }
}

/// Changes everything in a list, as often as there is something.
async fn change_all(client: &Client, list: &str, path: &str, change: &Value) {
    let page = client.get(list).await.expect(200);
    for one in page["items"].as_array().expect("items") {
        let id = one["id"].as_str().expect("an id");
        client.patch(&format!("{path}/{id}"), "*", change).await.expect(200);
    }
}

impl Meanwhile {
    /// Once while they are one, and back when each of them is itself again.
    async fn happen(self, client: &Client, of: &[&Customer], is_back: bool) {
        let either = |now: Value, before: Value| if is_back { before } else { now };
        if self.address {
            client
                .patch(&at(of[0]), "*", &json!({ "address": either(json!("Street 1"), Value::Null) }))
                .await
                .expect(200);
        }
        if self.remark {
            let remark = json!({ "custom_fields": { "remark": either(json!("x"), Value::Null) } });
            client.patch(&at(of[0]), "*", &remark).await.expect(200);
        }
        for customer in of {
            if self.vendors {
                let note = json!({ "note": either(json!("seen"), Value::Null) });
                change_all(client, &format!("{}/vendors", at(customer)), "/api/v1/vendors", &note).await;
            }
            if self.seats {
                let title = json!({ "title": either(json!("CIO"), json!("CTO")) });
                change_all(client, &format!("{}/positions", at(customer)), "/api/v1/positions", &title).await;
            }
        }
    }
}

async fn put(client: &Client, path: &str, body: &Value) {
    client.send(client.request(Method::PUT, path).header(IF_MATCH, "*").json(body)).await.expect(200);
}

async fn round_trip(
    app: &App,
    client: &Client,
    (keeps, goes, fields, meanwhile): (Side, Side, Map<String, Value>, Meanwhile),
) -> TestCaseResult {
    let parent = named(client, "Group").await;
    // Its own name, numbers and hosts: those of very many are compared with some of them only.
    let number = Uuid::now_v7().as_u128() % 1_000_000_000;
    let name = format!("Acme {number:09}");
    let keeps = enter(client, &keeps, number, &name, &parent).await;
    let goes = enter(client, &goes, number, &format!("{name} Inc."), &parent).await;
    let before = dump(app).await;
    merge(client, &keeps, "*", json!({ "merged_id": goes.id, "fields": fields })).await.expect(201);
    prop_assert_ne!(&dump(app).await, &before);
    meanwhile.happen(client, &[&keeps], false).await;
    unmerge(client, &goes).await.expect(200);
    meanwhile.happen(client, &[&keeps, &goes], true).await;
    prop_assert_eq!(differences(&before, &dump(app).await), Vec::<String>::new());
    Ok(())
}

/// Two merges into one, undone in their order or the other way round.
async fn both_ways(
    app: &App,
    client: &Client,
    (sides, fields, in_order): ([Side; 3], [Map<String, Value>; 2], bool),
) -> TestCaseResult {
    let parent = named(client, "Group").await;
    let number = Uuid::now_v7().as_u128() % 1_000_000_000;
    let mut all = Vec::new();
    for (side, more) in sides.iter().zip(["", " Inc.", " Ltd"]) {
        all.push(enter(client, side, number, &format!("Acme {number:09}{more}"), &parent).await);
    }
    let before = dump(app).await;
    for (goes, fields) in all[1..].iter().zip(fields) {
        merge(client, &all[0], "*", json!({ "merged_id": goes.id, "fields": fields })).await.expect(201);
    }
    for goes in if in_order { [1, 2] } else { [2, 1] } {
        unmerge(client, &all[goes]).await.expect(200);
    }
    prop_assert_eq!(differences(&before, &dump(app).await), Vec::<String>::new());
    Ok(())
}

async fn start(db: TestDb) -> (App, Client) {
    let (app, client) = merge_undoing::start(db).await;
    let wang = json!({ "code": "wang", "name": "Wang", "active_from": "2020-01-01" });
    client.post("/api/v1/employees", &wang).await.expect(201);
    for key in ["motto", "grade", "remark"] {
        let field = json!({ "key": key, "label_en": key, "label_zh": "字段", "type": "text" });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
    }
    (app, client)
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, max_shrink_iters: 64, ..Config::default() }
}

/// The rows that only one of the two has.
fn differences(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let only = |what: &str, of: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>| {
        let rows = of.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)));
        let only = rows.filter(|(table, row)| !other.get(*table).is_some_and(|others| others.contains(row)));
        only.map(|(table, row)| format!("{what} {table}: {row}")).collect::<Vec<_>>()
    };
    [only("lost from", before, after), only("new in", after, before)].concat()
}

both! {
    async fn a_merge_that_is_undone_leaves_everything_as_it_was(db: TestDb) {
        let (app, client) = start(db).await;
        let cases = (side(), side(), choices(), meanwhile());
        block_in_place(|| {
            let round = |case| Handle::current().block_on(round_trip(&app, &client, case));
            TestRunner::new(config(CASES)).run(&cases, round).unwrap_or_else(|failure| panic!("{failure}"));
        });
    }

    async fn two_merges_are_undone_in_any_order(db: TestDb) {
        let (app, client) = start(db).await;
        let cases = ([side(), side(), side()], [choices(), choices()], any::<bool>());
        block_in_place(|| {
            let round = |case| Handle::current().block_on(both_ways(&app, &client, case));
            TestRunner::new(config(CASES_OF_THREE)).run(&cases, round).unwrap_or_else(|failure| panic!("{failure}"));
        });
    }
}
