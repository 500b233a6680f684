//! What is done between a merge and its undoing, and what stands in the way of it.

use chrono::{Days, NaiveDate, Utc};
use registry_contract::{
    Contact, Customer, CustomerLink, DecisionChain, Hierarchy, LifecycleHistory, Merge, Position, Vendor,
    VendorStructure,
};
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestDb, both};
use uuid::Uuid;

use crate::merges::{dump, merge, unmerge};
use crate::support::{CONTACTS, at, create, faults, hold, named, person, seat};
use crate::vendors::{record, routers, shares, vendor};

/// With whoever may do all that merges have to do with.
pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&registry::SERVICE, db).await;
    let client = app.client(&[
        "customers:read",
        "customers:write",
        "customers:merge",
        "contacts:read",
        "contacts:write",
        "decision-chains:read",
        "decision-chains:write",
        "employees:manage",
        "custom-fields:manage",
        "imports:write",
    ]);
    (app, client)
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

async fn link(client: &Client, child: &Customer, parent: &Customer, from: &str, until: Option<&str>) -> CustomerLink {
    let mut link = json!({ "parent_id": parent.id, "from": from });
    if let Some(until) = until {
        link["until"] = json!(until);
    }
    client.post(&format!("{}/links", at(child)), &link).await.read(201)
}

/// Who is above a customer on a day, and who below it.
async fn outline(client: &Client, customer: &Customer, day: &str) -> String {
    let shown: Hierarchy = client.get(&format!("{}/hierarchy?as_of={day}", at(customer))).await.read(200);
    let above: Vec<_> = shown.ancestors.iter().map(|member| member.name.as_str()).collect();
    let below: Vec<_> = shown.nodes.iter().map(|node| node.member.name.as_str()).collect();
    format!("{} > {}", above.join(" "), below.join(" "))
}

async fn into(client: &Client, survivor: &Customer, merged: &Customer) -> Answer {
    merge(client, survivor, "*", json!({ "merged_id": merged.id })).await
}

fn position(position: &Position) -> String {
    format!("/api/v1/positions/{}", position.id)
}

async fn read_stance(client: &Client, contact: &Contact, seat: &Position) {
    let stance = json!({ "contact_id": contact.id, "stance": "neutral", "read_on": "2026-02-01", "read_by": "li.wei" });
    client.post(&format!("{}/stances", position(seat)), &stance).await.expect(201);
}

both! {
    async fn an_undoing_closes_no_circle_and_names_the_link_in_its_way(db: TestDb) {
        let (app, client) = start(db).await;
        let group = named(&client, "Group").await;
        let goes = create(&client, json!({ "name": "Goes", "parent_id": group.id })).await;
        let branch = create(&client, json!({ "name": "Branch", "parent_id": goes.id })).await;
        let keeps = named(&client, "Keeps").await;
        into(&client, &keeps, &goes).await.expect(201);
        let now = today().to_string();
        let in_the_way = link(&client, &group, &branch, &now, None).await;
        let before = dump(&app).await;
        let refused = unmerge(&client, &goes).await;
        assert_eq!(refused.problem(), (409, "undo-blocked"));
        assert_eq!(faults(&refused.body), [("{id}", "hierarchy-cycle")]);
        let message = refused.body["errors"][0]["message"].to_string();
        assert!(message.contains(&in_the_way.id.to_string()) && message.contains(&group.code), "{message}");
        assert_eq!(dump(&app).await, before, "nothing half done");

        let path = format!("/api/v1/customer-links/{}", in_the_way.id);
        client.patch(&path, "*", &json!({ "until": now })).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(outline(&client, &branch, &now).await, "Group Goes > Branch");
        assert_eq!(outline(&client, &group, &now).await, " > Group Goes Branch");
    }

    async fn an_undoing_makes_nobody_too_deep(db: TestDb) {
        let (_app, client) = start(db).await;
        let mut line = vec![named(&client, "Top").await];
        for level in 1..12 {
            let below = json!({ "name": format!("L{level}"), "parent_id": line[level - 1].id });
            line.push(create(&client, below).await);
        }
        let group = named(&client, "Group").await;
        let goes = create(&client, json!({ "name": "Goes", "parent_id": group.id })).await;
        let mut last = goes.clone();
        for level in 0..10 {
            last = create(&client, json!({ "name": format!("B{level}"), "parent_id": last.id })).await;
        }
        let keeps = named(&client, "Keeps").await;
        into(&client, &keeps, &goes).await.expect(201);
        client.patch(&at(&group), "*", &json!({ "parent_id": line[11].id })).await.expect(200);
        let refused = unmerge(&client, &goes).await;
        assert_eq!(refused.problem(), (409, "undo-blocked"));
        assert_eq!(faults(&refused.body), [("{id}", "too-deep")]);
        client.patch(&at(&group), "*", &json!({ "parent_id": line[5].id })).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(client.get(&at(&goes)).await.read::<Customer>(200).parent_id, Some(group.id));
    }

    /// The survivor had belonged to the merged one, by way of another.
    async fn a_merge_is_judged_by_day(db: TestDb) {
        let (app, client) = start(db).await;
        for (until, kept) in [(Some("2022-01-01"), true), (None, false)] {
            let (keeps, goes) = (named(&client, "Keeps").await, named(&client, "Goes").await);
            let between = named(&client, "Between").await;
            link(&client, &between, &goes, "2018-01-01", until).await;
            link(&client, &keeps, &between, "2020-01-01", Some("2022-01-01")).await;
            let before = dump(&app).await;
            into(&client, &keeps, &goes).await.expect(201);
            assert_eq!(outline(&client, &keeps, "2021-01-01").await, "Goes Between > Keeps");
            let now = today().to_string();
            assert_eq!(outline(&client, &keeps, &now).await, if kept { " > Keeps" } else { " > Keeps Between" });
            let links = client.get(&format!("{}/links", at(&between))).await.expect(200);
            let until = |link: &Value| link["until"].as_str().unwrap_or("on").to_owned();
            let days: Vec<_> = links["items"].as_array().expect("items").iter().map(until).collect();
            assert_eq!(days, if kept { vec!["2022-01-01"] } else { vec!["2022-01-01", "on"] });
            unmerge(&client, &goes).await.expect(200);
            assert_eq!(dump(&app).await, before);
        }
        let (keeps, goes) = (named(&client, "Keeps").await, named(&client, "Goes").await);
        let between = create(&client, json!({ "name": "Between", "parent_id": goes.id })).await;
        let day = (today() + Days::new(30)).to_string();
        link(&client, &keeps, &between, &day, None).await;
        let refused = into(&client, &keeps, &goes).await.expect(422);
        assert_eq!(faults(&refused), [("/merged_id", "ancestor")]);
        assert!(refused["errors"][0]["message"].to_string().contains(&day), "{refused}");
    }

    async fn who_belongs_to_the_merged_one_later_belongs_to_it_again(db: TestDb) {
        let (_app, client) = start(db).await;
        let (keeps, goes) = (named(&client, "Keeps").await, named(&client, "Goes").await);
        let (moved, left) = (
            create(&client, json!({ "name": "Moved", "parent_id": goes.id })).await,
            create(&client, json!({ "name": "Left", "parent_id": goes.id })).await,
        );
        into(&client, &keeps, &goes).await.expect(201);
        // Gone, and come back to the survivor itself.
        client.patch(&at(&moved), "*", &json!({ "parent_id": null })).await.expect(200);
        client.patch(&at(&moved), "*", &json!({ "parent_id": keeps.id })).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        let parent = async |of: &Customer| client.get(&at(of)).await.read::<Customer>(200).parent_id;
        assert_eq!((parent(&moved).await, parent(&left).await), (Some(keeps.id), Some(goes.id)));
    }

    async fn a_merged_customers_own_links_wait_with_it(db: TestDb) {
        let (_app, client) = start(db).await;
        let group = named(&client, "Group").await;
        let (keeps, goes) = (named(&client, "Keeps").await, named(&client, "Goes").await);
        let own = link(&client, &goes, &group, "2020-01-01", None).await;
        into(&client, &keeps, &goes).await.expect(201);
        let path = format!("/api/v1/customer-links/{}", own.id);
        assert_eq!(client.patch(&path, "*", &json!({ "until": "2021-01-01" })).await.problem(), (409, "already-merged"));
    }

    async fn rules_made_since_do_not_hold_up_an_undoing(db: TestDb) {
        let (_app, client) = start(db).await;
        let define = |key: &str, required: bool| {
            json!({ "key": key, "label_en": key, "label_zh": "字段", "type": "text", "required": required })
        };
        let field = client.post("/api/v1/custom-fields", &define("grade", false)).await.expect(201);
        let keeps = create(&client, json!({ "name": "Keeps", "custom_fields": { "grade": "x" } })).await;
        let goes = named(&client, "Goes").await;
        let taken = json!({ "merged_id": goes.id, "fields": { "custom_fields": "merged" } });
        let now = async || client.get(&at(&keeps)).await.read::<Customer>(200).custom_fields;
        merge(&client, &keeps, "*", taken.clone()).await.expect(201);
        assert_eq!(now().await.len(), 0);
        let path = format!("/api/v1/custom-fields/{}", field["id"].as_str().expect("an id"));
        client.patch(&path, "*", &json!({ "retired": true })).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(now().await["grade"], "x");

        // What is required is not lost by a merge either.
        client.post("/api/v1/custom-fields", &define("segment", true)).await.expect(201);
        client.patch(&at(&keeps), "*", &json!({ "custom_fields": { "segment": "y" } })).await.expect(200);
        let refused = merge(&client, &keeps, "*", taken).await.expect(422);
        assert_eq!(faults(&refused), [("/fields/custom_fields/segment", "missing-field")]);
    }

    async fn values_that_do_not_go_together_are_not_merged(db: TestDb) {
        let (_app, client) = start(db).await;
        let keeps = create(&client, json!({ "name": "Keeps", "country": "CN", "region_code": "CN-GD" })).await;
        let goes = create(&client, json!({ "name": "Goes", "country": "DE", "region_code": "DE-BY" })).await;
        let body = |fields: Value| json!({ "merged_id": goes.id, "fields": fields });
        let refused = merge(&client, &keeps, "*", body(json!({ "country": "merged" }))).await.expect(422);
        assert_eq!(faults(&refused), [("/fields/region_code", "unknown-region")]);
        merge(&client, &keeps, "*", body(json!({ "country": "merged", "region_code": "merged" }))).await.expect(201);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(client.get(&at(&keeps)).await.read::<Customer>(200).region_code.as_deref(), Some("CN-GD"));
    }

    async fn owner_and_stage_are_taken_and_given_back(db: TestDb) {
        let (app, client) = start(db).await;
        let keeps = create(&client, json!({ "name": "Keeps", "owner": "li" })).await;
        let goes = create(&client, json!({ "name": "Goes", "owner": "wang", "lifecycle": "repeat" })).await;
        let before = dump(&app).await;
        let body = json!({ "merged_id": goes.id, "fields": { "owner": "merged", "lifecycle": "merged" } });
        let merged: Merge = merge(&client, &keeps, "*", body.clone()).await.read(201);
        assert_eq!(merged.fields, ["lifecycle", "owner"]);
        let now: Customer = client.get(&at(&keeps)).await.read(200);
        assert_eq!((now.owner.as_deref(), now.lifecycle.as_str()), (Some("wang"), "repeat"));
        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&keeps))).await.read(200);
        let reason = history.moves.last().and_then(|one| one.reason.clone()).unwrap_or_default();
        assert!(reason.contains(&goes.code), "{reason}");
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(dump(&app).await, before);

        // What a person changed since stays.
        merge(&client, &keeps, "*", body).await.expect(201);
        client.patch(&at(&keeps), "*", &json!({ "owner": "chen" })).await.expect(200);
        let moved = json!({ "to": "advocate", "reason": "tells others" });
        client.post(&format!("{}/lifecycle", at(&keeps)), &moved).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        let now: Customer = client.get(&at(&keeps)).await.read(200);
        assert_eq!((now.owner.as_deref(), now.lifecycle.as_str()), (Some("chen"), "advocate"));
    }

    async fn what_is_about_nothing_but_what_goes_back_goes_back_too(db: TestDb) {
        let (_app, client) = start(db).await;
        let (keeps, goes) = (named(&client, "Keeps").await, named(&client, "Goes").await);
        let li = person(&client, &goes, "Li").await;
        let (cto, cfo) = (
            seat(&client, &goes, json!({ "title": "CTO" })).await,
            seat(&client, &goes, json!({ "title": "CFO" })).await,
        );
        let rival = vendor(&client, &goes, "competitor", "Rival").await;
        record(&client, &shares(&goes, "2025"), "*", &routers(&[(&rival, 4_000)])).await.expect(200);
        into(&client, &keeps, &goes).await.expect(201);

        hold(&client, &li, &cfo, "2026-01-01", None).await;
        read_stance(&client, &li, &cfo).await;
        let consent = json!({
            "purpose": "marketing", "channel": "any", "decision": "withdrawn", "decided_at": "2026-03-01T08:00:00Z",
            "source": "Call",
        });
        client.post(&format!("{CONTACTS}/{}/consents", li.id), &consent).await.expect(201);
        let chain = format!("{}/decision-chain", at(&keeps));
        let opportunity = Uuid::now_v7();
        client.put(&format!("{chain}/seats/{}", cfo.id), &json!({ "matching_employee": "chen" })).await.expect(200);
        let of_opportunity = format!("{chain}/seats/{}?opportunity={opportunity}", cfo.id);
        client.put(&of_opportunity, &json!({ "vote_weight": 60 })).await.expect(200);
        client.put(&format!("{chain}/influences/{}/{}", cfo.id, cto.id), &json!({ "strength": 2 })).await.expect(200);
        record(&client, &shares(&keeps, "2025"), "*", &routers(&[(&rival, 4_500)])).await.expect(200);

        let undone: Merge = unmerge(&client, &goes).await.read(200);
        assert_eq!(undone.cut, []);
        let its = |query: &str| format!("{}/decision-chain{query}", at(&goes));
        let own: DecisionChain = client.get(&its("?as_of=2026-06-01")).await.read(200);
        assert_eq!((own.nodes.len(), own.coverage.filled, own.coverage.with_stance), (2, 1, 1));
        assert_eq!(own.edges.len(), 1);
        let query = format!("?opportunity={opportunity}&as_of=2026-06-01");
        let of_opportunity: DecisionChain = client.get(&its(&query)).await.read(200);
        assert_eq!((of_opportunity.nodes.len(), of_opportunity.nodes[0].vote_weight), (1, Some(60)));
        let left: DecisionChain = client.get(&chain).await.read(200);
        assert_eq!((left.nodes.len(), left.edges.len()), (0, 0));
        let corrected: VendorStructure = client.get(&shares(&goes, "2025")).await.read(200);
        assert_eq!((corrected.revision, corrected.lines[0].known_bp), (2, 4_500));
        let none: VendorStructure = client.get(&shares(&keeps, "2025")).await.read(200);
        assert_eq!(none.revision, 0);
        // Both can go on with what is theirs.
        let chain = its(&format!("/seats/{}?opportunity={opportunity}", cfo.id));
        client.put(&chain, &json!({ "vote_weight": 70 })).await.expect(200);
    }

    async fn nothing_refers_from_the_one_to_the_other_after_an_undoing(db: TestDb) {
        let (app, client) = start(db).await;
        let (keeps, goes) = (named(&client, "Keeps").await, named(&client, "Goes").await);
        let wang = person(&client, &keeps, "Wang").await;
        let ceo = seat(&client, &keeps, json!({ "title": "CEO" })).await;
        let cto = seat(&client, &goes, json!({ "title": "CTO" })).await;
        let us = vendor(&client, &keeps, "self", "Us").await;
        let rival = vendor(&client, &goes, "competitor", "Rival").await;
        into(&client, &keeps, &goes).await.expect(201);

        client.patch(&position(&ceo), "*", &json!({ "reports_to": cto.id })).await.expect(200);
        hold(&client, &wang, &cto, "2026-01-01", Some("2026-06-01")).await;
        read_stance(&client, &wang, &cto).await;
        let influence = format!("{}/decision-chain/influences/{}/{}", at(&keeps), ceo.id, cto.id);
        client.put(&influence, &json!({ "strength": 2 })).await.expect(200);
        let relation = json!({ "relations": [{ "position_id": cto.id, "note": "golf" }] });
        let vendor_path = format!("/api/v1/vendors/{}", us.id);
        client.patch(&vendor_path, "*", &relation).await.expect(200);
        let table = routers(&[(&us, 3_000), (&rival, 5_000)]);
        record(&client, &shares(&keeps, "2026"), "*", &table).await.expect(200);

        let before = dump(&app).await;
        let refused = unmerge(&client, &goes).await;
        assert_eq!(refused.problem(), (409, "undo-cuts"));
        assert_eq!(faults(&refused.body), [("{id}", "crosses-customers"); 6]);
        assert_eq!(dump(&app).await, before, "nothing half done");

        let cutting = format!("{}/unmerge?cut=true", at(&goes));
        let undone: Merge = client.post(&cutting, &json!({})).await.read(200);
        let cut: Vec<_> = undone.cut.iter().map(|part| (part.what.as_str(), part.count)).collect();
        let expected = ["holdings", "influences", "positions", "stance_readings", "vendor_relations", "vendor_share_tables"];
        assert_eq!(cut, expected.map(|what| (what, 1)));
        assert_eq!(client.get(&format!("/api/v1/customer-merges/{}", undone.id)).await.read::<Merge>(200), undone);
        assert_eq!(client.get(&position(&ceo)).await.read::<Position>(200).reports_to, None);
        assert_eq!(client.count(&format!("{CONTACTS}/{}/holdings", wang.id)).await, 0);
        assert_eq!(client.get(&vendor_path).await.read::<Vendor>(200).relations, []);
        let left: VendorStructure = client.get(&shares(&keeps, "2026")).await.read(200);
        assert_eq!((left.revision, left.lines[0].known_bp, left.lines[0].our_share_bp), (2, 3_000, 3_000));
        let again = routers(&[(&us, 3_000)]);
        assert_eq!(record(&client, &shares(&keeps, "2026"), "\"2\"", &again).await.etag(), "\"2\"");
    }

    /// Each of two that came along has what only one can have at a time.
    async fn of_two_merges_the_one_shows_what_had_waited_for_the_other(db: TestDb) {
        let (app, client) = start(db).await;
        let vat = json!({ "type": "eu_vat", "value": "DE136695976" });
        let keeps = named(&client, "Keeps").await;
        let mut others = Vec::new();
        for (name, phone) in [("One", "0755-1111111"), ("Two", "0755-2222222")] {
            others.push(create(&client, json!({ "name": name, "identifiers": [vat], "phone": phone })).await);
        }
        let before = dump(&app).await;
        for first in [0, 1] {
            for other in &others {
                let body = json!({ "merged_id": other.id, "fields": { "phone": "merged" } });
                merge(&client, &keeps, "*", body).await.expect(201);
            }
            unmerge(&client, &others[first]).await.expect(200);
            let now: Customer = client.get(&at(&keeps)).await.read(200);
            assert_eq!(now.identifiers.len(), 1, "the other's");
            assert_eq!(now.phone, others[1 - first].phone);
            unmerge(&client, &others[1 - first]).await.expect(200);
            assert_eq!(dump(&app).await, before);
        }
    }
}
