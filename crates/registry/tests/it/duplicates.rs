use serde_json::{Value, json};
use testkit::{App, Client, TestDb, both};

use crate::merges::{merge, unmerge};
use crate::support::{CONTACTS, CUSTOMERS, all_pages, at, create, emptied, named, person, redact, run, start, waiting};

const DUPLICATES: &str = "/api/v1/duplicates";

/// Waits until every customer has been compared.
async fn compared(app: &App) {
    emptied(app, "duplicate_queue").await;
}

/// Codes of the pairs, each `first-second score`, in the list's order.
async fn pairs(client: &Client, query: &str) -> Vec<String> {
    let (items, _) = all_pages(client, &format!("{DUPLICATES}?limit=2{query}")).await;
    let number = |customer: &Value| customer["code"].as_str().expect("a code").trim_start_matches("C-00000").to_owned();
    let pair =
        |item: &Value| format!("{}-{} {}", number(&item["customers"][0]), number(&item["customers"][1]), item["score"]);
    items.iter().map(pair).collect()
}

both! {
    async fn likely_pairs_are_found_after_each_change(db: TestDb) {
        let (app, client) = start(db).await;
        let first = create(&client, json!({ "name": "深圳市华为技术有限公司", "phone": "0755-12345678" })).await;
        create(&client, json!({ "name": "华为技术股份有限公司", "phone": "+86 755 1234 5678" })).await;
        let third = create(&client, json!({ "name": "上海华为技术有限公司" })).await;
        let fourth = create(&client, json!({ "name": "Acme GmbH", "website": "https://www.acme.example/de" })).await;
        create(&client, json!({ "name": "ACME Co., Ltd.", "website": "https://acme.example" })).await;
        compared(&app).await;
        assert_eq!(pairs(&client, "").await, ["4-5 88", "1-2 82", "2-3 70"]);
        assert_eq!(pairs(&client, "&min_score=80&sort=score").await, ["1-2 82", "4-5 88"]);
        assert_eq!(pairs(&client, &format!("&customer_id={},{}", first.id, third.id)).await, ["1-2 82", "2-3 70"]);

        client.patch(&at(&fourth), "*", &json!({ "name": "Apex GmbH", "website": null })).await.expect(200);
        client.patch(&at(&first), "*", &json!({ "tax_id": "91440300MA5EXAMPLE" })).await.expect(200);
        client.patch(&at(&third), "*", &json!({ "tax_id": "91440300MA5EXAMPLE" })).await.expect(200);
        compared(&app).await;
        assert_eq!(pairs(&client, "").await, ["1-3 97", "1-2 82", "2-3 70"]);
    }

    async fn contacts_of_one_company_give_a_pair_away(db: TestDb) {
        let (app, client) = start(db).await;
        for name in ["Beta Works", "Beta"] {
            let website = "https://beta.example";
            let customer = create(&client, json!({ "name": name, "website": website })).await;
            let contact = person(&client, &customer, "Anna").await;
            let path = format!("{CONTACTS}/{}", contact.id);
            client.patch(&path, "*", &json!({ "email": "anna@beta.example" })).await.expect(200);
            let other = person(&client, &customer, "Bo").await;
            client.patch(&format!("{CONTACTS}/{}", other.id), "*", &json!({ "email": "bo@qq.com" })).await.expect(200);
        }
        compared(&app).await;
        assert_eq!(pairs(&client, "").await, ["1-2 58"]);
    }

    async fn a_pair_is_shown_whole_and_stays_dismissed(db: TestDb) {
        let (app, client) = start(db).await;
        let first = create(&client, json!({ "name": "万科Ａ" })).await;
        create(&client, json!({ "name": "萬科A" })).await;
        compared(&app).await;
        let page = client.get(DUPLICATES).await.expect(200);
        insta::assert_json_snapshot!(redact(page.clone()), @r#"
        {
          "items": [
            {
              "created_at": "[time]",
              "customers": [
                {
                  "code": "C-000001",
                  "id": "[id]",
                  "name": "万科Ａ"
                },
                {
                  "code": "C-000002",
                  "id": "[id]",
                  "name": "萬科A"
                }
              ],
              "id": "[id]",
              "reasons": [
                "same_name"
              ],
              "score": 80,
              "state": "open",
              "updated_at": "[time]",
              "version": 1
            }
          ],
          "next_cursor": null
        }
        "#);
        let path = format!("{DUPLICATES}/{}", page["items"][0]["id"].as_str().expect("an id"));
        assert_eq!(client.patch(&path, "\"7\"", &json!({ "state": "dismissed" })).await.problem(), (412, "version-stale"));
        let etag = client.get(&path).await.etag();
        let dismissed = client.patch(&path, &etag, &json!({ "state": "dismissed" })).await;
        assert_eq!((dismissed.etag().as_str(), &dismissed.expect(200)["state"]), ("\"2\"", &json!("dismissed")));
        client.patch(&at(&first), "*", &json!({ "phone": "0755-12345678" })).await.expect(200);
        compared(&app).await;
        assert_eq!(pairs(&client, "&state=open").await, Vec::<String>::new());
        assert_eq!(pairs(&client, "&state=dismissed").await, ["1-2 80"]);
        let missing = client.get(&format!("{DUPLICATES}/{}", first.id)).await;
        assert_eq!(missing.problem(), (404, "duplicate-not-found"));
    }

    async fn a_consumer_is_compared_by_number_only_for_who_may_read_contacts(db: TestDb) {
        let (app, client) = start(db).await;
        let person = |phone: &str| json!({ "name": "王芳", "kind": "consumer", "phone": phone, "website": "https://wang.example" });
        let first = create(&client, person("139 0000 1111")).await;
        create(&client, person("+86 139 0000 1111")).await;
        compared(&app).await;
        assert_eq!(pairs(&client, "").await, ["1-2 75"]);
        let page = client.get(DUPLICATES).await.expect(200);
        let pair = format!("{DUPLICATES}/{}", page["items"][0]["id"].as_str().expect("an id"));
        let stranger = app.client(&["customers:read", "customers:write"]);
        assert_eq!(pairs(&stranger, "").await, Vec::<String>::new());
        assert_eq!(pairs(&stranger, &format!("&customer_id={}", first.id)).await, Vec::<String>::new());
        assert_eq!(stranger.count(DUPLICATES).await, 0);
        assert_eq!(stranger.get(&pair).await.problem(), (404, "duplicate-not-found"));
        let dismissed = stranger.patch(&pair, "*", &json!({ "state": "dismissed" })).await;
        assert_eq!(dismissed.problem(), (404, "duplicate-not-found"));

        let check = format!("{DUPLICATES}/check");
        let asked = json!({ "name": "Wang & Co.", "phone": "13900001111", "website": "https://wang.example" });
        let found = client.post(&check, &asked).await.expect(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(2), "{found}");
        assert_eq!(stranger.post(&check, &asked).await.expect(200), json!({ "items": [] }));
    }

    async fn one_name_with_different_numbers_stays_two(db: TestDb) {
        let (app, client) = start(db).await;
        for tax_id in ["91440300AAAAAAAAA1", "91440300BBBBBBBBB2"] {
            create(&client, json!({ "name": "万科", "phone": "0755-12345678", "tax_id": tax_id })).await;
        }
        compared(&app).await;
        assert_eq!(pairs(&client, "").await, Vec::<String>::new());
        assert_eq!(client.count(CUSTOMERS).await, 2);
    }

    async fn a_customer_about_to_be_created_is_looked_for(db: TestDb) {
        let (app, client) = start(db).await;
        let known = named(&client, "平安银行股份有限公司").await;
        named(&client, "平安保险").await;
        compared(&app).await;
        let answer = client.post(&format!("{DUPLICATES}/check"), &json!({ "name": "平安銀行" })).await.expect(200);
        assert_eq!(answer, json!({ "items": [{
            "customer": { "id": known.id, "code": "C-000001", "name": "平安银行股份有限公司" },
            "score": 80,
            "reasons": ["same_name"],
        }] }));
        assert_eq!(client.post(&format!("{DUPLICATES}/check"), &json!({ "name": " " })).await.problem(), (422, "fields-invalid"));
        assert_eq!(client.count(CUSTOMERS).await, 2);
    }
}

/// What is queued anew while the customer is in the queue already, and commits after it was compared, is compared, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_commits_after_the_comparison_is_compared() {
    let (app, client) = start(TestDb::postgres().await).await;
    let website = "https://shop.example";
    let first = create(&client, json!({ "name": "Acme", "website": website })).await;
    let second = create(&client, json!({ "name": "Apex", "website": website })).await;
    let contact = person(&client, &second, "李伟").await;
    let other = person(&client, &first, "王芳").await;
    let mail = |host: &str| json!({ "email": format!("mail@{host}.example") });
    client.patch(&format!("{CONTACTS}/{}", other.id), "*", &mail("acme")).await.expect(200);
    compared(&app).await;
    // The comparison waits, with the customer in the queue; a change waits after it has queued the customer.
    let mut comparison = app.db.begin().await.expect("a transaction");
    run(&mut comparison, "SELECT pg_advisory_xact_lock(hashtext('duplicate_keys'))").await;
    let path = format!("{CONTACTS}/{}", contact.id);
    client.patch(&path, "*", &mail("apex")).await.expect(200);
    waiting(&app, "wait_event = 'advisory'").await;
    let mut change = app.db.begin().await.expect("a transaction");
    run(&mut change, "LOCK TABLE audit_entries IN EXCLUSIVE MODE").await;
    let changed = tokio::spawn({
        let (client, body) = (client.clone(), mail("acme"));
        async move { client.patch(&path, "*", &body).await }
    });
    waiting(&app, "wait_event = 'relation'").await;
    comparison.commit().await.expect("a commit");
    compared(&app).await;
    change.commit().await.expect("a commit");
    changed.await.expect("an answer").expect(200);

    compared(&app).await;
    let found = client.get(DUPLICATES).await.expect(200);
    assert_eq!(found["items"][0]["reasons"], json!(["same_website", "same_email_domain"]), "{found}");
}

/// Else the pair would be taken for one that is none any more, and a new one be found in its place.
#[tokio::test(flavor = "multi_thread")]
async fn an_undoing_waits_for_the_comparison_that_is_under_way() {
    let (app, client) = start(TestDb::postgres().await).await;
    let keeps = create(&client, json!({ "name": "Acme", "website": "https://acme.example" })).await;
    let goes = create(&client, json!({ "name": "Acme", "website": "https://acme.example" })).await;
    compared(&app).await;
    let pairs = client.get(DUPLICATES).await.expect(200);
    let merger = app.client(&["customers:read", "customers:write", "customers:merge"]);
    merge(&merger, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
    compared(&app).await;
    let mut comparison = app.db.begin().await.expect("a transaction");
    run(&mut comparison, "SELECT pg_advisory_xact_lock(hashtext('duplicate_keys'))").await;
    let undone = tokio::spawn(async move { unmerge(&merger, &goes).await });
    waiting(&app, "wait_event = 'advisory'").await;
    assert!(!undone.is_finished());
    comparison.commit().await.expect("a commit");
    undone.await.expect("an answer").expect(200);
    compared(&app).await;
    assert_eq!(client.get(DUPLICATES).await.expect(200)["items"][0]["id"], pairs["items"][0]["id"]);
}
