use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CONTACTS, CUSTOMERS, all_pages, at, create, named, person, run, start};

/// Names of a list, in its order.
async fn names(client: &Client, path: &str) -> Vec<String> {
    let (items, _) = all_pages(client, path).await;
    items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

async fn found(client: &Client, q: &str) -> Vec<String> {
    names(client, &format!("{CUSTOMERS}?limit=2&q={}", encoded(q))).await
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

both! {
    async fn results_come_in_the_order_of_how_well_they_fit(db: TestDb) {
        let (_app, client) = start(db).await;
        for name in [
            "深圳市平安物业有限公司", "中国平安保险", "长治久安平安店", "平安银行", "平安", "Ping An Bank", "PAYH Holdings", "Holdings of Pingan",
        ] {
            named(&client, name).await;
        }
        let someone = named(&client, "某某集团").await;
        person(&client, &someone, "平安").await;
        for (q, expected) in [
            ("平安", vec!["平安", "平安银行", "中国平安保险", "深圳市平安物业有限公司", "长治久安平安店", "某某集团"]),
            ("平安银", vec!["平安银行"]),
            ("pingan", vec![
                "Ping An Bank", "Holdings of Pingan", "平安", "中国平安保险", "深圳市平安物业有限公司", "平安银行", "某某集团",
            ]),
            ("ping an", vec![
                "Ping An Bank", "Holdings of Pingan", "平安", "中国平安保险", "深圳市平安物业有限公司", "平安银行", "某某集团",
            ]),
            ("payh", vec!["PAYH Holdings", "平安银行"]),
            ("an ping", vec!["Ping An Bank", "某某集团"]),
            ("pa", vec![
                "PAYH Holdings", "平安", "中国平安保险", "深圳市平安物业有限公司", "平安银行", "某某集团",
            ]),
            ("holdings", vec!["Holdings of Pingan", "PAYH Holdings"]),
            ("物业 深圳", vec!["深圳市平安物业有限公司"]),
            ("万科", vec![]),
        ] {
            assert_eq!(found(&client, q).await, expected, "{q}");
        }
    }

    async fn long_names_are_found_by_any_part_of_them(db: TestDb) {
        let (_app, client) = start(db).await;
        let bank = "中国工商银行股份有限公司深圳南山支行";
        let grid = "国网江苏省电力有限公司无锡供电分公司";
        let mobile = "中国移动通信集团广东有限公司深圳分公司";
        let long = "宝鸡有一群怀揣着梦想的少年相信在牛大叔的带领下会创造生命的奇迹网络科技有限公司";
        for name in [bank, grid, mobile, long] {
            named(&client, name).await;
        }
        for (q, expected) in [
            ("南山支行", vec![bank]),
            ("深圳", vec![bank, mobile]),
            ("szns", vec![bank]),
            ("nanshan", vec![bank]),
            ("工商银行 南山", vec![bank]),
            ("无锡", vec![grid]),
            ("wxgd", vec![grid]),
            ("江苏", vec![grid]),
            ("广东", vec![mobile]),
            ("梦想", vec![long]),
            ("创造生命", vec![long]),
            ("网络科技", vec![long]),
        ] {
            let mut names = found(&client, q).await;
            names.sort_by_key(|name| [bank, grid, mobile, long].iter().position(|one| one == name));
            assert_eq!(names, expected, "{q}");
        }
    }

    async fn what_changes_is_found_by_what_it_is_now(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = create(&client, json!({
            "name": "旧名公司", "phone": "+86 755 1234 5678", "tax_id": "91440300MA5EXAMPLE",
            "external_ids": [{ "system": "sap", "id": "0000104711" }],
        })).await;
        let contact = person(&client, &customer, "曾小明").await;
        for q in ["旧名", "jmgs", "0755-1234", "75512345678", "9144 0300", "0000104711", "曾小", "xiaoming", &customer.code] {
            assert_eq!(found(&client, q).await, ["旧名公司"], "{q}");
        }
        client.patch(&at(&customer), "*", &json!({ "name": "新名公司", "phone": null })).await.expect(200);
        client.patch(&format!("{CONTACTS}/{}", contact.id), "*", &json!({ "name": "Anna Müller" })).await.expect(200);
        for q in ["旧名", "0755-1234", "曾小"] {
            assert_eq!(found(&client, q).await, Vec::<String>::new(), "{q}");
        }
        for q in ["xinming", "muller"] {
            assert_eq!(found(&client, q).await, ["新名公司"], "{q}");
        }
    }

    async fn pages_go_on_where_the_last_ended_and_count_each_once(db: TestDb) {
        let (_app, client) = start(db).await;
        for number in 0..30 {
            let tier = if number % 3 == 0 { "S" } else { "C" };
            let name = format!("上海平安{number:02}平安有限公司");
            let customer = create(&client, json!({ "name": name, "short_name": "平安", "tier": tier })).await;
            person(&client, &customer, "平安").await;
            person(&client, &customer, "平安").await;
        }
        for (query, count) in [("", 30), ("&tier=S", 10), ("&tier=A", 0), ("&sort=-name", 30)] {
            let path = format!("{CUSTOMERS}?limit=4&q=平安{query}");
            let (items, _) = all_pages(&client, &path).await;
            let mut ids: Vec<_> = items.iter().map(|item| item["id"].as_str().expect("an id")).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!((items.len(), ids.len()), (count, count), "{query}");
            let counted = client.get(&format!("{path}&count=exact")).await.expect(200);
            assert_eq!(counted["count"], count, "{query}");
        }
        let (contacts, pages) = all_pages(&client, &format!("{CONTACTS}?limit=7&q=pa")).await;
        assert_eq!((contacts.len(), pages), (60, 9));
    }

    async fn contacts_are_searched_only_by_who_may_read_them(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        person(&client, &customer, "曾小明").await;
        let stranger = app.client(&["customers:read"]);
        assert_eq!(found(&stranger, "acme").await, ["Acme"]);
        for q in ["曾小明", "zxm"] {
            assert_eq!(found(&stranger, q).await, Vec::<String>::new());
            let counted = stranger.get(&format!("{CUSTOMERS}?count=exact&sort=name&q={q}")).await.expect(200);
            assert_eq!(counted["count"], 0);
            assert_eq!(names(&client, &format!("{CONTACTS}?limit=2&q={q}")).await, ["曾小明"]);
        }
    }

    async fn a_consumer_is_found_by_number_only_by_who_may_read_contacts(db: TestDb) {
        let (app, client) = start(db).await;
        let field = json!({ "key": "card", "label_en": "Card", "label_zh": "卡", "type": "text" });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
        let numbers = |name: &str, kind: &str, number: &str| json!({
            "name": name, "kind": kind, "phone": format!("139 0000 {number}"), "tax_id": format!("TAX1390000{number}"),
            "identifiers": [{ "type": "other", "scheme": "card", "value": format!("ID1390000{number}") }],
            "external_ids": [{ "system": "shop", "id": format!("K1390000{number}") }],
            "custom_fields": { "card": "gold" },
        });
        let person = create(&client, numbers("王芳", "consumer", "1111")).await;
        create(&client, numbers("芳华公司", "enterprise", "2222")).await;
        let stranger = app.client(&["customers:read", "customers:write"]);
        let (both, ranked) = (["王芳", "芳华公司"], ["芳华公司", "王芳"]);
        for (query, seen, seen_by_stranger) in [
            ("q=139%200000", &ranked[..], &["芳华公司"][..]),
            ("q=139%200000&sort=code", &both, &["芳华公司"]),
            ("q=%2B86%20139%200000%201111", &["王芳"], &[]),
            ("q=1390000111&sort=code", &["王芳"], &[]),
            ("q=tax1390000", &ranked, &["芳华公司"]),
            ("q=id1390000", &ranked, &["芳华公司"]),
            ("q=tax1390000%20王芳", &["王芳"], &[]),
            ("identifier=ID13900001111,other:ID13900002222&sort=code", &both, &["芳华公司"]),
            ("custom.card=gold&sort=code", &both, &["芳华公司"]),
            ("q=k1390000", &both, &both),
            ("q=C-000001", &["王芳"], &["王芳"]),
            ("q=wangfang", &["王芳"], &["王芳"]),
        ] {
            let path = format!("{CUSTOMERS}?limit=1&{query}");
            assert_eq!(names(&client, &path).await, seen, "{query}");
            assert_eq!(names(&stranger, &path).await, seen_by_stranger, "{query}");
            let counted = stranger.get(&format!("{path}&count=exact")).await.expect(200);
            assert_eq!(counted["count"], seen_by_stranger.len(), "{query}");
            let typed = |hits: Value| hits["customers"].as_array().map(Vec::len);
            if let Some(q) = query.strip_prefix("q=").filter(|q| !q.contains('&')) {
                let hits = client.get(&format!("/api/v1/search?q={q}")).await.expect(200);
                let fewer = stranger.get(&format!("/api/v1/search?q={q}")).await.expect(200);
                assert_eq!((typed(hits), typed(fewer)), (Some(seen.len()), Some(seen_by_stranger.len())), "{query}");
            }
            let export = format!("{CUSTOMERS}/export?{}", query.replace("&sort=code", ""));
            let file = stranger.request(Method::GET, &export).send().await.expect("an answer").text().await.expect("a file");
            assert_eq!(file.contains("王芳"), seen_by_stranger.contains(&"王芳"), "{query}");
        }

        // What a caller may not read he does not get as the answer to a change either.
        let changed = stranger.patch(&at(&person), "*", &json!({ "city": "Shenzhen" })).await.expect(200);
        assert_eq!((&changed["phone"], &changed["tax_id"], &changed["identifiers"]), (&Value::Null, &Value::Null, &json!([])));
        let external = format!("{CUSTOMERS}/external/shop/K13900001111");
        let known = stranger.put(&external, &json!({ "city": "Shenzhen" })).await.expect(200);
        assert_eq!((&known["phone"], &known["tax_id"]), (&Value::Null, &Value::Null));
        // Whoever turns out to be a company is found as one.
        client.patch(&at(&person), "*", &json!({ "kind": "enterprise" })).await.expect(200);
        assert_eq!(names(&stranger, &format!("{CUSTOMERS}?q=1390000&sort=code")).await, both);
    }

    async fn typing_finds_customers_and_contacts_at_once(db: TestDb) {
        let (app, client) = start(db).await;
        for number in 0..3 {
            let customer = named(&client, &format!("平安{number}")).await;
            person(&client, &customer, "潘安").await;
        }
        let hits = client.get("/api/v1/search?q=pa&limit=2").await.expect(200);
        let names = |hits: &Value, kind: &str| -> Vec<String> {
            let items = hits[kind].as_array().expect("hits").iter();
            items.map(|hit| hit["name"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(names(&hits, "customers"), ["平安0", "平安1"]);
        assert_eq!(names(&hits, "contacts"), ["潘安", "潘安"]);
        let stranger = app.client(&["customers:read"]);
        let hits = stranger.get("/api/v1/search?q=pa").await.expect(200);
        assert_eq!((hits["customers"].as_array().map(Vec::len), hits["contacts"].as_array().map(Vec::len)), (Some(3), Some(0)));
        assert_eq!(client.get("/api/v1/search?limit=21").await.problem(), (400, "query-invalid"));
    }

    async fn what_an_earlier_version_kept_is_found_after_a_start(db: TestDb) {
        let (app, client) = start(db).await;
        for number in 0..3 {
            let customer = named(&client, &format!("平安{number}")).await;
            person(&client, &customer, "曾小明").await;
        }
        let (db, _) = app.stop().await;
        let mut tx = db.begin().await.expect("a transaction");
        for sql in [
            "UPDATE customers SET sort_name = ''",
            "DELETE FROM search_terms",
            "INSERT INTO search_queue SELECT id FROM customers",
        ] {
            run(&mut tx, sql).await;
        }
        tx.commit().await.expect("a commit");
        let (_app, client) = start(db).await;
        for query in ["q=pa", "q=zxm", "sort=name"] {
            let page: Value = client.get(&format!("{CUSTOMERS}?{query}")).await.expect(200);
            let items = page["items"].as_array().expect("items");
            let names: Vec<_> = items.iter().map(|item| item["name"].as_str().expect("a name")).collect();
            assert_eq!(names, ["平安0", "平安1", "平安2"], "{query}");
        }
    }

    async fn terms_of_an_earlier_version_give_way_to_those_of_this(db: TestDb) {
        let (app, client) = start(db).await;
        let bank = "中国工商银行股份有限公司深圳南山支行";
        named(&client, bank).await;
        let (db, _) = app.stop().await;
        let mut tx = db.begin().await.expect("a transaction");
        run(&mut tx, "DELETE FROM search_terms WHERE place > 1").await;
        run(&mut tx, "UPDATE search_terms SET term = 'formerly' WHERE place = 0").await;
        // As the migration does.
        run(&mut tx, "INSERT INTO search_queue SELECT id FROM customers WHERE merged_into IS NULL").await;
        tx.commit().await.expect("a commit");
        let (_app, client) = start(db).await;
        for q in ["南山支行", "szns", "中国工商"] {
            assert_eq!(found(&client, q).await, [bank], "{q}");
        }
        assert_eq!(found(&client, "formerly").await, Vec::<String>::new());
    }
}
