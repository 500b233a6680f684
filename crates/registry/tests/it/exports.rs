use encoding_rs::{GB18030, GBK};
use registry_contract::{Customer, Import};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{App, Client, TestDb, both};

use crate::merges::lines;
use crate::support::{CONTACTS, CUSTOMERS, at, counts, create, faults, named, person, send_bytes, start};
use crate::vcards;

const EXPORT: &str = "/api/v1/customers/export";
const OF_CONTACTS: &str = "/api/v1/contacts/export";
const BYTES: &str = "application/octet-stream";

/// The bytes of the file, and the value of a header.
async fn export(client: &Client, query: &str, header: &str) -> (Vec<u8>, Option<String>) {
    exported(client, EXPORT, query, header).await
}

pub async fn exported(client: &Client, path: &str, query: &str, header: &str) -> (Vec<u8>, Option<String>) {
    let response = client.request(Method::GET, &format!("{path}?{query}")).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200);
    let header = response.headers().get(header).and_then(|value| value.to_str().ok()).map(str::to_owned);
    (response.bytes().await.expect("a file").to_vec(), header)
}

async fn contacts(client: &Client, query: &str) -> String {
    String::from_utf8(exported(client, OF_CONTACTS, query, "etag").await.0).expect("UTF-8")
}

/// An empty database of the same kind.
async fn fresh(app: &App) -> TestDb {
    match app.db.backend() {
        database::Backend::Postgres => TestDb::postgres().await,
        database::Backend::Sqlite => TestDb::sqlite(),
    }
}

/// A custom field of every type that is written in its own way.
async fn define(client: &Client) {
    let choice = |value: &str| json!({ "value": value, "label_en": value, "label_zh": "颜色" });
    let choices = json!({ "choices": [choice("red"), choice("green"), choice("blue")] });
    for (key, kind, rules) in [
        ("staff", "number", json!({})),
        ("vip", "boolean", json!({})),
        ("since", "date", json!({})),
        ("colours", "multi_choice", choices),
        ("budget", "money", json!({})),
    ] {
        let field = json!({ "key": key, "label_en": key, "label_zh": "字段", "type": kind, "rules": rules });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
    }
}

async fn fill(client: &Client) {
    define(client).await;
    let root = create(client, json!({
        "name": "深圳示例", "tier": "A", "employees": 12, "roles": ["buyer", "channel_partner"], "country": "CN",
        "region_code": "CN-GD", "industry_code": "gbt4754:I65",
        "identifiers": [{ "type": "uscc", "value": "91440300708461136T" }, { "type": "eu_vat", "value": "DE136695976" }],
        "custom_fields": { "staff": 7.5, "vip": true, "since": "2024-02-29", "colours": ["red", "blue"],
            "budget": { "amount": "90071992547409.93", "currency": "CNY" } },
    }))
    .await;
    create(client, json!({
        "name": "=cmd|'/C calc'!A0", "short_name": "-1", "phone": "+86 755 1", "parent_id": root.id, "currency": "CNY",
        "annual_revenue": { "amount": "1234.50", "currency": "USD" },
        "external_ids": [{ "system": "sap", "id": "000123" }, { "system": "crm", "id": "a,\"b\"\nc" }],
    }))
    .await;
    create(
        client,
        json!({ "name": "王芳", "kind": "consumer", "phone": "139 0000", "tax_id": "1", "address": "Here" }),
    )
    .await;
}

/// Two contacts of two customers.
pub async fn people(client: &Client) {
    let (acme, other) = (named(client, "Acme").await, named(client, "=Other").await);
    let li = json!({
        "customer_id": acme.id, "name": "李伟", "title": "CTO", "email": "li@example.com", "phone": "+86 755 1",
        "mobile": "139 1111", "preferred_channel": "im", "language": "zh-CN", "topics": ["云", "5G"], "note": "One\nTwo",
        "contact_points": [
            { "kind": "phone", "label": "fax", "value": "0755 2" },
            { "kind": "email", "label": "home", "value": "li@home.cn" },
        ],
    });
    client.post(CONTACTS, &li).await.expect(201);
    person(client, &other, "@Ann").await;
}

/// What an import can bring back.
async fn told(client: &Client) -> Vec<Value> {
    let page = client.get(&format!("{CUSTOMERS}?sort=code&limit=200")).await.expect(200);
    let plain = |customer: &Value| {
        let mut customer = customer.clone();
        for own in ["id", "version", "created_at", "updated_at"] {
            customer.as_object_mut().expect("an object").remove(own);
        }
        customer["parent_id"] = json!(!customer["parent_id"].is_null());
        customer
    };
    page["items"].as_array().expect("items").iter().map(plain).collect()
}

both! {
    async fn a_list_is_exported_as_it_is_filtered(db: TestDb) {
        let (_app, client) = start(db).await;
        fill(&client).await;
        let columns = "columns=code,name,phone,parent,employees,annual_revenue,external_id.sap";
        let (file, media) = export(&client, columns, "content-type").await;
        assert_eq!(media.as_deref(), Some("text/csv; charset=utf-8"));
        let expected = "\u{feff}code,name,phone,parent,employees,annual_revenue,external_id.sap\r\n\
                        C-000001,深圳示例,,,12,,\r\n\
                        C-000002,\"'=cmd|'/C calc'!A0\",\"'+86 755 1\",C-000001,,1234.50,000123\r\n\
                        C-000003,王芳,139 0000,,,,\r\n";
        assert_eq!(String::from_utf8(file).expect("UTF-8"), expected);
        let (file, name) = export(&client, "columns=name&tier=A&charset=gbk", "content-disposition").await;
        assert_eq!(GBK.decode(&file).0, "name\r\n深圳示例\r\n");
        assert_eq!(name.as_deref(), Some("attachment; filename=\"customers.csv\""));
        let columns = "columns=name,roles,identifier.uscc,custom.colours,custom.budget&custom.vip=true";
        let expected = "\u{feff}name,roles,identifier.uscc,custom.colours,custom.budget\r\n\
                        深圳示例,\"buyer;channel_partner\",91440300708461136T,\"red;blue\",90071992547409.93 CNY\r\n";
        assert_eq!(String::from_utf8(export(&client, columns, "content-type").await.0).expect("UTF-8"), expected);
        let (file, _) = export(&client, "columns=name&q=szsl", "content-type").await;
        assert_eq!(String::from_utf8(file).expect("UTF-8"), "\u{feff}name\r\n深圳示例\r\n");
        let refused = client.get(&format!("{EXPORT}?columns=name,shoe_size")).await.expect(400);
        assert_eq!(faults(&refused), [("?columns", "unknown-column")]);
    }

    async fn what_is_personal_of_consumers_needs_its_permission(db: TestDb) {
        let (app, client) = start(db).await;
        fill(&client).await;
        let narrow = app.client(&["customers:read"]);
        let query = "columns=name,phone,tax_id,address&charset=gb18030";
        let (file, withheld) = export(&narrow, query, "x-withheld-columns").await;
        assert_eq!(withheld.as_deref(), Some("phone,tax_id,address"));
        let file = GB18030.decode(&file).0.into_owned();
        assert!(file.ends_with("\r\n王芳,,,\r\n") && file.contains("+86 755 1"), "{file}");
        let (file, withheld) = export(&client, query, "x-withheld-columns").await;
        assert!(withheld.is_none() && GB18030.decode(&file).0.ends_with("王芳,139 0000,1,Here\r\n"));
    }

    async fn what_is_exported_imports_as_what_it_was(db: TestDb) {
        let (app, client) = start(db).await;
        fill(&client).await;
        let mut files = Vec::new();
        for query in ["format=csv", "format=csv&charset=gb18030", "format=xlsx"] {
            files.push(export(&client, query, "content-type").await.0);
        }
        for file in &files {
            let again: Import = send_bytes(&client, "&match=code", BYTES, file.clone()).await.read(201);
            assert_eq!(counts(&again), [3, 0, 0, 3, 0, 0], "the file says what is known already");
        }
        let before = told(&client).await;
        for file in files {
            let (_other, client) = start(fresh(&app).await).await;
            define(&client).await;
            let import: Import = send_bytes(&client, "", BYTES, file).await.read(201);
            assert_eq!(counts(&import), [3, 3, 0, 0, 0, 0]);
            assert_eq!(told(&client).await, before);
            let child: Customer = client.get(&format!("{CUSTOMERS}/C-000002")).await.read(200);
            assert_eq!((child.name.as_str(), child.phone.as_deref()), ("=cmd|'/C calc'!A0", Some("+86 755 1")));
        }
    }

    async fn all_numbers_of_one_kind_come_back(db: TestDb) {
        let (_app, client) = start(db).await;
        let numbers = ["150483782", "804735132"].map(|value| json!({ "type": "duns", "value": value }));
        let customer = create(&client, json!({ "name": "Two in one", "identifiers": numbers })).await;
        let (file, _) = export(&client, "format=csv", "content-type").await;
        let again: Import = send_bytes(&client, "&match=code", BYTES, file).await.read(201);
        assert_eq!(counts(&again), [1, 0, 0, 1, 0, 0]);
        let after: Customer = client.get(&at(&customer)).await.read(200);
        assert_eq!(after.identifiers, customer.identifiers);
        // What a row names takes the place of what was there of its kind, and of nothing else.
        let other = format!("code,name,duns\n{},{},060704780\n", customer.code, customer.name);
        let other: Import = send_bytes(&client, "&match=code", BYTES, other.into_bytes()).await.read(201);
        assert_eq!(counts(&other), [1, 0, 1, 0, 0, 0]);
        let after: Customer = client.get(&at(&customer)).await.read(200);
        assert_eq!(after.identifiers.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["060704780"]);
    }

    async fn all_keys_in_other_systems_come_back(db: TestDb) {
        let (app, client) = start(db).await;
        let keys = [("crm", "7"), ("sap", "1"), ("sap", r"a;b\c")];
        let keys = keys.map(|(system, id)| json!({ "system": system, "id": id }));
        let customer = create(&client, json!({ "name": "Thrice", "external_ids": keys })).await;
        let before: Customer = client.get(&at(&customer)).await.read(200);
        let (file, _) = export(&client, "columns=name,external_ids,external_id.sap", "content-type").await;
        let expected = "\u{feff}name,external_ids,external_id.sap\r\nThrice,\"crm:7;sap:1;sap:a\\;b\\\\c\",1\r\n";
        assert_eq!(String::from_utf8(file.clone()).expect("UTF-8"), expected);

        let (_other, client) = start(fresh(&app).await).await;
        let import: Import = send_bytes(&client, "", BYTES, file).await.read(201);
        assert_eq!(counts(&import), [1, 1, 0, 0, 0, 0]);
        let after: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!(after.external_ids, before.external_ids);
        let unreadable = b"name,external_ids\nNobody,4711\n".to_vec();
        let import: Import = send_bytes(&client, "", BYTES, unreadable).await.read(201);
        assert_eq!(counts(&import), [1, 0, 0, 0, 1, 0]);
    }

    async fn contacts_are_exported_with_whose_they_are(db: TestDb) {
        let (app, client) = start(db).await;
        people(&client).await;
        let columns = "customer_code,customer_name,name,title,email,phone,mobile,contact_points,preferred_channel,language,\
                       topics,note";
        let expected = format!(
            "\u{feff}{columns}\r\n\
             C-000001,Acme,李伟,CTO,li@example.com,\"'+86 755 1\",139 1111,\"phone:fax:0755 2;email:home:li@home.cn\",\
             im,zh-CN,\"5g;云\",\"One\nTwo\"\r\n\
             C-000002,\"'=Other\",\"'@Ann\",,,,,,,,,\r\n"
        );
        assert_eq!(contacts(&client, &format!("columns={columns}")).await, expected);
        let whole = contacts(&client, "format=csv").await;
        assert!(whole.starts_with("\u{feff}customer_code,customer_name,name,") && whole.contains(",updated_at\r\n"), "{whole}");
        let (_, name) = exported(&client, OF_CONTACTS, "columns=name", "content-disposition").await;
        assert_eq!(name.as_deref(), Some("attachment; filename=\"contacts.csv\""));
        let noted = "SELECT action AS line FROM audit_entries WHERE action = 'contacts.exported'".to_owned();
        assert_eq!(lines(&app.db, noted.clone(), noted).await.len(), 3, "who took them out of the house can be asked");

        for (query, found) in
            [("topic=5g", 1), ("q=liwei", 1), ("q=nobody", 0), ("language=en", 0), ("updated_since=2020-01-01T00:00:00Z", 2)]
        {
            let text = contacts(&client, &format!("columns=id&{query}")).await;
            assert_eq!(text.lines().count(), 1 + found, "{query}");
        }
        let cards = client.get(&format!("{CONTACTS}/vcards?q=liwei")).await.expect(200);
        assert_eq!(cards.as_str().map(|text| text.matches("BEGIN:VCARD").count()), Some(1));
        let refused = client.get(&format!("{OF_CONTACTS}?columns=name,shoe_size,name")).await.expect(400);
        assert_eq!(faults(&refused), [("?columns", "unknown-column"), ("?columns", "not-unique")]);

        // Whatever reads workbooks reads it.
        let query = "format=xlsx&columns=name,phone,language";
        let (book, media) = exported(&client, OF_CONTACTS, query, "content-type").await;
        assert_eq!(media.as_deref(), Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        let (_other, client) = start(fresh(&app).await).await;
        let import: Import = send_bytes(&client, "", BYTES, book).await.read(201);
        assert_eq!(counts(&import), [2, 2, 0, 0, 0, 0]);
        let made: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((made.name.as_str(), made.phone.as_deref()), ("李伟", Some("+86 755 1")));
    }

    async fn whose_contacts_they_are_needs_its_permission(db: TestDb) {
        let (app, client) = start(db).await;
        people(&client).await;
        let query = "columns=customer_code,name,customer_name&preferred_channel=im";
        for (permissions, withheld, row) in [
            (&["contacts:read"][..], Some("customer_code,customer_name"), ",李伟,"),
            (&["contacts:read", "customers:read"][..], None, "C-000001,李伟,Acme"),
        ] {
            let (file, header) = exported(&app.client(permissions), OF_CONTACTS, query, "x-withheld-columns").await;
            assert_eq!(header.as_deref(), withheld);
            let expected = format!("\u{feff}customer_code,name,customer_name\r\n{row}\r\n");
            assert_eq!(String::from_utf8(file).expect("UTF-8"), expected);
        }
        let refused = app.client(&["customers:read"]).get(OF_CONTACTS).await;
        assert_eq!(refused.problem(), (403, "permission-missing"));
    }

    async fn all_of_many_contacts_come(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let card = |n: usize| format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Person {n}\r\nEND:VCARD\r\n");
        vcards::send(&client, &customer, "text/vcard", (0..1000).map(card).collect::<String>()).await.expect(200);
        let text = contacts(&client, "columns=id").await;
        let ids: std::collections::HashSet<&str> = text.lines().skip(1).collect();
        assert_eq!((ids.len(), text.lines().count()), (1000, 1001));
    }

    async fn a_long_list_comes_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        let rows: Vec<Value> = (0..1000).map(|n| json!({ "name": format!("N{n}") })).collect();
        for _ in 0..2 {
            client.post("/api/v1/customers/bulk", &json!({ "customers": rows })).await.expect(200);
        }
        let (file, _) = export(&client, "columns=code", "etag").await;
        let text = String::from_utf8(file).expect("UTF-8");
        let mut codes: Vec<&str> = text.lines().skip(1).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 2000);
    }
}
