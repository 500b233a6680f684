//! Whole answers of lists, files and imports, without what differs from run to run.

use registry_contract::{Import, ImportState};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::exports::{exported, people};
use crate::support::{CONTACTS, CUSTOMERS, IMPORTS, create, emptied, named, redact, send_file, start, until};

/// Cursors are signed, and hold ids.
fn page(mut page: Value) -> Value {
    if page["next_cursor"].is_string() {
        page["next_cursor"] = json!("[cursor]");
    }
    redact(page)
}

/// A CSV file without its mark, its ids and its times.
async fn file(client: &Client, path: &str) -> String {
    let (file, _) = exported(client, path, "format=csv", "etag").await;
    let text = String::from_utf8(file).expect("UTF-8").replace(['\u{feff}', '\r'], "");
    let ids = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a pattern");
    let times = regex::Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z").expect("a pattern");
    times.replace_all(&ids.replace_all(&text, "[id]"), "[time]").into_owned()
}

async fn two_customers(client: &Client) {
    let root = create(client, json!({
        "name": "深圳示例科技有限公司", "short_name": "示例科技", "tier": "A", "lifecycle": "repeat", "industry": "telecom",
        "country": "CN", "region": "广东", "city": "深圳", "address": "科技路 1 号", "website": "https://example.cn/关于",
        "phone": "+86 755 1234 5678", "owner": "li.wei", "annual_revenue": { "amount": "1234567.80", "currency": "USD" },
        "employees": 1200, "founded_year": 1998, "tax_id": "91440300708461136T",
        "external_ids": [{ "system": "sap", "id": "0000104711" }],
    }))
    .await;
    create(client, json!({ "name": "=Acme", "parent_id": root.id })).await;
}

both! {
    async fn a_list_of_customers(db: TestDb) {
        let (_app, client) = start(db).await;
        two_customers(&client).await;
        let path = format!("{CUSTOMERS}?sort=code&limit=1&count=exact");
        let first = client.get(&path).await.expect(200);
        let cursor = first["next_cursor"].as_str().expect("a cursor").to_owned();
        insta::assert_json_snapshot!(page(first), @r#"
        {
          "count": 2,
          "items": [
            {
              "address": "科技路 1 号",
              "annual_revenue": {
                "amount": "1234567.80",
                "currency": "USD"
              },
              "city": "深圳",
              "code": "C-000001",
              "country": "CN",
              "created_at": "[time]",
              "currency": "CNY",
              "custom_fields": {},
              "employees": 1200,
              "external_ids": [
                {
                  "id": "0000104711",
                  "system": "sap"
                }
              ],
              "founded_year": 1998,
              "id": "[id]",
              "identifiers": [],
              "industry": "telecom",
              "industry_code": null,
              "kind": "enterprise",
              "language": "zh-CN",
              "lifecycle": "repeat",
              "name": "深圳示例科技有限公司",
              "owner": "li.wei",
              "parent_id": null,
              "phone": "+86 755 1234 5678",
              "region": "广东",
              "region_code": null,
              "roles": [],
              "short_name": "示例科技",
              "tax_id": "91440300708461136T",
              "tier": "A",
              "time_zone": "Asia/Shanghai",
              "updated_at": "[time]",
              "version": 1,
              "website": "https://example.cn/关于"
            }
          ],
          "next_cursor": "[cursor]"
        }
        "#);
        insta::assert_json_snapshot!(page(client.get(&format!("{path}&cursor={cursor}")).await.expect(200)), @r#"
        {
          "count": 2,
          "items": [
            {
              "address": null,
              "annual_revenue": null,
              "city": null,
              "code": "C-000002",
              "country": null,
              "created_at": "[time]",
              "currency": "CNY",
              "custom_fields": {},
              "employees": null,
              "external_ids": [],
              "founded_year": null,
              "id": "[id]",
              "identifiers": [],
              "industry": null,
              "industry_code": null,
              "kind": "enterprise",
              "language": "zh-CN",
              "lifecycle": "prospect",
              "name": "=Acme",
              "owner": null,
              "parent_id": "[id]",
              "phone": null,
              "region": null,
              "region_code": null,
              "roles": [],
              "short_name": null,
              "tax_id": null,
              "tier": "C",
              "time_zone": "Asia/Shanghai",
              "updated_at": "[time]",
              "version": 1,
              "website": null
            }
          ],
          "next_cursor": null
        }
        "#);
    }

    async fn customers_that_were_asked_for(db: TestDb) {
        let (_app, client) = start(db).await;
        let bank = named(&client, "平安银行").await;
        create(&client, json!({ "name": "中国平安保险", "tier": "S" })).await;
        named(&client, "Acme").await;
        let contact = json!({ "customer_id": bank.id, "name": "潘安", "title": "CTO" });
        client.post(CONTACTS, &contact).await.expect(201);
        insta::assert_json_snapshot!(page(client.get(&format!("{CUSTOMERS}?q=平安")).await.expect(200)), @r#"
        {
          "items": [
            {
              "address": null,
              "annual_revenue": null,
              "city": null,
              "code": "C-000001",
              "country": null,
              "created_at": "[time]",
              "currency": "CNY",
              "custom_fields": {},
              "employees": null,
              "external_ids": [],
              "founded_year": null,
              "id": "[id]",
              "identifiers": [],
              "industry": null,
              "industry_code": null,
              "kind": "enterprise",
              "language": "zh-CN",
              "lifecycle": "prospect",
              "name": "平安银行",
              "owner": null,
              "parent_id": null,
              "phone": null,
              "region": null,
              "region_code": null,
              "roles": [],
              "short_name": null,
              "tax_id": null,
              "tier": "C",
              "time_zone": "Asia/Shanghai",
              "updated_at": "[time]",
              "version": 1,
              "website": null
            },
            {
              "address": null,
              "annual_revenue": null,
              "city": null,
              "code": "C-000002",
              "country": null,
              "created_at": "[time]",
              "currency": "CNY",
              "custom_fields": {},
              "employees": null,
              "external_ids": [],
              "founded_year": null,
              "id": "[id]",
              "identifiers": [],
              "industry": null,
              "industry_code": null,
              "kind": "enterprise",
              "language": "zh-CN",
              "lifecycle": "prospect",
              "name": "中国平安保险",
              "owner": null,
              "parent_id": null,
              "phone": null,
              "region": null,
              "region_code": null,
              "roles": [],
              "short_name": null,
              "tax_id": null,
              "tier": "S",
              "time_zone": "Asia/Shanghai",
              "updated_at": "[time]",
              "version": 1,
              "website": null
            }
          ],
          "next_cursor": null
        }
        "#);
        insta::assert_json_snapshot!(redact(client.get("/api/v1/search?q=pa").await.expect(200)), @r#"
        {
          "contacts": [
            {
              "customer_id": "[id]",
              "id": "[id]",
              "name": "潘安",
              "title": "CTO"
            }
          ],
          "customers": [
            {
              "code": "C-000002",
              "id": "[id]",
              "name": "中国平安保险",
              "tier": "S"
            },
            {
              "code": "C-000001",
              "id": "[id]",
              "name": "平安银行",
              "tier": "C"
            }
          ]
        }
        "#);
    }

    async fn an_import_from_its_arrival_to_its_end_and_back(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = "name,external_id\nAcme,1\nOther,2\n";
        let arrived = send_file(&client, "&name=erp.csv&system=erp&wait=false", file).await;
        let begun: Import = arrived.clone().read(202);
        insta::assert_json_snapshot!(redact(arrived.body), @r#"
        {
          "charset": "utf-8",
          "columns": [
            {
              "column": "name",
              "fields": [
                "name"
              ]
            },
            {
              "column": "external_id",
              "fields": [
                "external_id.erp"
              ]
            }
          ],
          "created": 0,
          "created_at": "[time]",
          "dry_run": false,
          "failed": 0,
          "fault": null,
          "format": "csv",
          "id": "[id]",
          "kept": 0,
          "kind": "customers",
          "name": "erp.csv",
          "reverted": 0,
          "rows": 0,
          "state": "received",
          "total_rows": null,
          "unchanged": 0,
          "updated": 0,
          "updated_at": "[time]",
          "version": 1,
          "warnings": 0
        }
        "#);
        until(&client, &begun, |import| import.state.is_final()).await;
        let path = format!("{IMPORTS}/{}", begun.id);
        let done = client.get(&path).await.expect(200);
        insta::assert_json_snapshot!(redact(done.clone()), @r#"
        {
          "charset": "utf-8",
          "columns": [
            {
              "column": "name",
              "fields": [
                "name"
              ]
            },
            {
              "column": "external_id",
              "fields": [
                "external_id.erp"
              ]
            }
          ],
          "created": 2,
          "created_at": "[time]",
          "dry_run": false,
          "failed": 0,
          "fault": null,
          "format": "csv",
          "id": "[id]",
          "kept": 0,
          "kind": "customers",
          "name": "erp.csv",
          "reverted": 0,
          "rows": 2,
          "state": "completed",
          "total_rows": 2,
          "unchanged": 0,
          "updated": 0,
          "updated_at": "[time]",
          "version": 4,
          "warnings": 0
        }
        "#);
        let told = client.send(client.request(Method::GET, &format!("{path}/progress"))).await;
        let told = told.body.as_str().expect("text").to_owned();
        let last = told.strip_prefix("event: progress\ndata: ").and_then(|text| text.strip_suffix("\n\n")).expect("one event");
        assert_eq!(serde_json::from_str::<Value>(last).expect("JSON"), done, "of an import at its end there is one event");

        let reverting = client.post(&format!("{path}/revert"), &json!({})).await.expect(202);
        insta::assert_json_snapshot!(redact(reverting), @r#"
        {
          "charset": "utf-8",
          "columns": [
            {
              "column": "name",
              "fields": [
                "name"
              ]
            },
            {
              "column": "external_id",
              "fields": [
                "external_id.erp"
              ]
            }
          ],
          "created": 2,
          "created_at": "[time]",
          "dry_run": false,
          "failed": 0,
          "fault": null,
          "format": "csv",
          "id": "[id]",
          "kept": 0,
          "kind": "customers",
          "name": "erp.csv",
          "reverted": 0,
          "rows": 2,
          "state": "reverting",
          "total_rows": 2,
          "unchanged": 0,
          "updated": 0,
          "updated_at": "[time]",
          "version": 5,
          "warnings": 0
        }
        "#);
        until(&client, &begun, |import| import.state.is_final()).await;
        let mut reverted = client.get(&path).await.expect(200);
        // As many as there were passes.
        reverted["version"] = json!("[version]");
        insta::assert_json_snapshot!(redact(reverted), @r#"
        {
          "charset": "utf-8",
          "columns": [
            {
              "column": "name",
              "fields": [
                "name"
              ]
            },
            {
              "column": "external_id",
              "fields": [
                "external_id.erp"
              ]
            }
          ],
          "created": 2,
          "created_at": "[time]",
          "dry_run": false,
          "failed": 0,
          "fault": null,
          "format": "csv",
          "id": "[id]",
          "kept": 0,
          "kind": "customers",
          "name": "erp.csv",
          "reverted": 2,
          "rows": 2,
          "state": "reverted",
          "total_rows": 2,
          "unchanged": 0,
          "updated": 0,
          "updated_at": "[time]",
          "version": "[version]",
          "warnings": 0
        }
        "#);
    }

    async fn an_import_that_is_stopped(db: TestDb) {
        let (_app, client) = start(db).await;
        let rows = (0..12_000).map(|n| format!("N{n},{n}\n"));
        let file: String = std::iter::once("name,external_id\n".to_owned()).chain(rows).collect();
        let begun: Import = send_file(&client, "&name=erp.csv&system=erp&wait=false", file).await.read(202);
        until(&client, &begun, |import| import.rows > 0).await;
        let path = format!("{IMPORTS}/{}", begun.id);
        client.post(&format!("{path}/cancel"), &json!({})).await.expect(202);
        let stopped = until(&client, &begun, |import| import.state.is_final()).await;
        assert_eq!((stopped.state, stopped.rows), (ImportState::Cancelled, stopped.created));
        let mut stopped = client.get(&path).await.expect(200);
        // However far it had come.
        for count in ["rows", "created", "version"] {
            stopped[count] = json!("[number]");
        }
        insta::assert_json_snapshot!(redact(stopped), @r#"
        {
          "charset": "utf-8",
          "columns": [
            {
              "column": "name",
              "fields": [
                "name"
              ]
            },
            {
              "column": "external_id",
              "fields": [
                "external_id.erp"
              ]
            }
          ],
          "created": "[number]",
          "created_at": "[time]",
          "dry_run": false,
          "failed": 0,
          "fault": null,
          "format": "csv",
          "id": "[id]",
          "kept": 0,
          "kind": "customers",
          "name": "erp.csv",
          "reverted": 0,
          "rows": "[number]",
          "state": "cancelled",
          "total_rows": 12000,
          "unchanged": 0,
          "updated": 0,
          "updated_at": "[time]",
          "version": "[number]",
          "warnings": 0
        }
        "#);
    }

    async fn an_export_of_customers(db: TestDb) {
        let (_app, client) = start(db).await;
        two_customers(&client).await;
        insta::assert_snapshot!(file(&client, "/api/v1/customers/export").await, @r#"
        code,name,short_name,kind,roles,tier,lifecycle,industry,industry_code,country,region,region_code,city,address,website,phone,language,time_zone,currency,owner,annual_revenue,annual_revenue_currency,employees,founded_year,tax_id,external_ids,id,version,created_at,updated_at,parent,identifier.uscc,identifier.lei,identifier.duns,identifier.eu_vat,external_id.sap
        C-000001,深圳示例科技有限公司,示例科技,enterprise,,A,repeat,telecom,,CN,广东,,深圳,科技路 1 号,https://example.cn/关于,"'+86 755 1234 5678",zh-CN,Asia/Shanghai,CNY,li.wei,1234567.80,USD,1200,1998,91440300708461136T,sap:0000104711,[id],1,[time],[time],,,,,,0000104711
        C-000002,"'=Acme",,enterprise,,C,prospect,,,,,,,,,,zh-CN,Asia/Shanghai,CNY,,,,,,,,[id],1,[time],[time],C-000001,,,,,
        "#);
    }

    async fn an_export_of_contacts(db: TestDb) {
        let (_app, client) = start(db).await;
        people(&client).await;
        insta::assert_snapshot!(file(&client, "/api/v1/contacts/export").await, @r#"
        customer_code,customer_name,name,title,email,phone,mobile,contact_points,preferred_channel,language,topics,note,id,customer_id,version,created_at,updated_at
        C-000001,Acme,李伟,CTO,li@example.com,"'+86 755 1",139 1111,"phone:fax:0755 2;email:home:li@home.cn",im,zh-CN,"5g;云","One
        Two",[id],[id],1,[time],[time]
        C-000002,"'=Other","'@Ann",,,,,,,,,,[id],[id],1,[time],[time]
        "#);
    }

    async fn a_list_of_duplicates(db: TestDb) {
        let (app, client) = start(db).await;
        for (name, website) in [("Acme GmbH", "https://www.acme.example/de"), ("ACME Co., Ltd.", "https://acme.example")] {
            create(&client, json!({ "name": name, "website": website })).await;
        }
        named(&client, "Acme S.A.").await;
        emptied(&app, "duplicate_queue").await;
        let first = client.get("/api/v1/duplicates?limit=1&count=exact").await.expect(200);
        insta::assert_json_snapshot!(page(first), @r#"
        {
          "count": 3,
          "items": [
            {
              "created_at": "[time]",
              "customers": [
                {
                  "code": "C-000001",
                  "id": "[id]",
                  "name": "Acme GmbH"
                },
                {
                  "code": "C-000002",
                  "id": "[id]",
                  "name": "ACME Co., Ltd."
                }
              ],
              "id": "[id]",
              "reasons": [
                "same_name",
                "same_website"
              ],
              "score": 88,
              "state": "open",
              "updated_at": "[time]",
              "version": 1
            }
          ],
          "next_cursor": "[cursor]"
        }
        "#);
    }
}
