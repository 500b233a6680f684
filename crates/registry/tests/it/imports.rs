use futures::SinkExt;
use futures::channel::mpsc;
use registry_contract::{Customer, Import, ImportState};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::support::{CUSTOMERS, IMPORTS, all_pages, counts, create, faults, import, redact, send_file, start};

const CHINESE: &str =
    "\u{feff}客户名称,行业,电话,客户等级,国家,备注\n深圳示例,银行,0755-1234567,a,中国,x\n上海示例,,none,Z,中国,y\n";

async fn customers(client: &Client) -> Vec<Value> {
    client.get(&format!("{CUSTOMERS}?sort=code&limit=200")).await.expect(200)["items"]
        .as_array()
        .expect("items")
        .clone()
}

both! {
    async fn a_file_is_read_by_its_headers_and_bad_rows_are_kept(db: TestDb) {
        let (_app, client) = start(db).await;
        let answer = send_file(&client, "&name=list.csv", CHINESE).await;
        let import: Import = answer.clone().read(201);
        let path = format!("{IMPORTS}/{}", import.id);
        assert_eq!(answer.header("location"), Some(path.as_str()));
        insta::assert_json_snapshot!(redact(answer.body), @r#"
        {
          "charset": "utf-8",
          "columns": [
            {
              "column": "客户名称",
              "fields": [
                "name"
              ]
            },
            {
              "column": "行业",
              "fields": [
                "industry"
              ]
            },
            {
              "column": "电话",
              "fields": [
                "phone"
              ]
            },
            {
              "column": "客户等级",
              "fields": [
                "tier"
              ]
            },
            {
              "column": "国家",
              "fields": [
                "country"
              ]
            },
            {
              "column": "备注",
              "fields": []
            }
          ],
          "created": 1,
          "created_at": "[time]",
          "dry_run": false,
          "failed": 1,
          "fault": null,
          "format": "csv",
          "id": "[id]",
          "kept": 0,
          "kind": "customers",
          "name": "list.csv",
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
        assert_eq!(client.get(&path).await.read::<Import>(200), import);

        let rows = client.get(&format!("{path}/rows?outcome=failed&count=exact")).await.expect(200);
        insta::assert_json_snapshot!(redact(rows), @r#"
        {
          "count": 1,
          "items": [
            {
              "cells": [
                "上海示例",
                "",
                "none",
                "Z",
                "中国",
                "y"
              ],
              "customer_id": null,
              "errors": [
                {
                  "code": "bad-format",
                  "message": "is no phone number: digits, spaces and + - ( ) . / , # only",
                  "pointer": "/phone"
                },
                {
                  "code": "not-allowed",
                  "message": "\"Z\" is none of S, A, B, C",
                  "pointer": "/tier"
                }
              ],
              "id": "[id]",
              "outcome": "failed",
              "row": 3
            }
          ],
          "next_cursor": null
        }
        "#);
        let (all, pages) = all_pages(&client, &format!("{path}/rows?limit=1&sort=-row")).await;
        assert_eq!((all[0]["row"].as_i64(), all.len(), pages), (Some(3), 2, 2));
        let made: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((made.name.as_str(), made.tier.as_str(), made.country.as_deref()), ("深圳示例", "A", Some("CN")));
        assert_eq!(all[1]["customer_id"], json!(made.id));

        let listed = client.get(&format!("{IMPORTS}?count=exact")).await.expect(200);
        assert_eq!((listed["items"][0]["id"].clone(), listed["count"].as_i64()), (json!(import.id), Some(1)));
    }

    async fn words_of_people_are_read_as_ours(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = "客户名称,客户类型,客户等级,客户阶段,客户角色\n甲,企业客户,Ａ级,首购,经销商\n乙,Distributor,一般客户,流失,\n丙,合作伙伴,重点客户,新客户,\n";
        let import = import(&client, "", file).await;
        assert_eq!(counts(&import), [3, 2, 0, 0, 1, 0]);
        let words = ["kind", "tier", "lifecycle", "roles"];
        let seen: Vec<_> = customers(&client).await.iter().map(|one| words.map(|word| one[word].clone())).collect();
        let expected = [
            [json!("enterprise"), json!("A"), json!("first_purchase"), json!(["channel_partner"])],
            [json!("channel_partner"), json!("C"), json!("lapsed"), json!([])],
        ];
        assert_eq!(seen, expected);
        let rows = client.get(&format!("{IMPORTS}/{}/rows?outcome=failed", import.id)).await.expect(200);
        let errors = rows["items"][0]["errors"].as_array().expect("errors");
        let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap_or("?")).collect();
        assert_eq!(pointers, ["/kind", "/tier", "/lifecycle"]);
    }

    async fn the_report_of_errors_is_safe_to_open(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = "name,phone\n=cmd|' /C calc'!A0,none\n\"Fine, Ltd\",0755-1\n\"A\nB\",also none\n";
        let import = import(&client, "", file).await;
        let report = client.get(&format!("{IMPORTS}/{}/errors.csv", import.id)).await;
        assert_eq!(report.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(report.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
        insta::assert_snapshot!(report.body.as_str().unwrap_or_default().replace('\r', ""), @r#"
        row,pointer,code,message,name,phone
        2,/phone,bad-format,"is no phone number: digits, spaces and + - ( ) . / , # only","'=cmd|' /C calc'!A0",none
        4,/phone,bad-format,"is no phone number: digits, spaces and + - ( ) . / , # only","A
        B",also none
        "#);
    }

    async fn the_same_file_again_changes_nothing(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = "ts_code,symbol,name,area\n000001.SZ,000001,平安银行,深圳\n000002.SZ,000002,万科Ａ,深圳\n";
        assert_eq!(counts(&import(&client, "", file).await), [2, 2, 0, 0, 0, 0]);
        assert_eq!(counts(&import(&client, "", file).await), [2, 0, 0, 2, 0, 0]);
        let moved = "ts_code,symbol,name,area\n000001.SZ,000001,平安银行,上海\n000002.SZ,000002,万科Ａ,\n";
        assert_eq!(counts(&import(&client, "", moved).await), [2, 0, 1, 1, 0, 0], "an empty cell says nothing");
        let first: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((first.region.as_deref(), first.version), (Some("上海"), 2));
        let ids: Vec<_> = first.external_ids.iter().map(|e| (e.system.as_str(), e.id.as_str())).collect();
        assert_eq!(ids, [("symbol", "000001"), ("ts_code", "000001.SZ")], "leading zeros stay");
    }

    async fn rows_of_one_key_are_one_customer(db: TestDb) {
        let (_app, client) = start(db).await;
        let rows = "1,\"Acme, Inc.\"\n2,Beta\n3,\"Acme, Inc.\"\n4,Acme";
        let file = format!("Complaint ID,Company\n{rows}\n");
        let import = import(&client, "&map=Company:name,Company:external_id&system=cfpb", file).await;
        assert_eq!(counts(&import), [4, 3, 0, 1, 0, 0]);
        let names: Vec<_> = customers(&client).await.iter().map(|c| c["name"].as_str().map(str::to_owned)).collect();
        assert_eq!(names, [Some("Acme, Inc.".into()), Some("Beta".into()), Some("Acme".into())]);
    }

    async fn parents_may_come_later_in_the_file(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = "name,parent\nLeaf,Root\nRoot,\nLost,Nowhere\nLoop,Loop\nTwin,\nTwin,\nTorn,Twin\n";
        let import = import(&client, "", file).await;
        assert_eq!(counts(&import), [7, 7, 0, 0, 0, 3]);
        let all = customers(&client).await;
        assert_eq!(all[0]["parent_id"], all[1]["id"]);
        assert!(all[2..].iter().all(|customer| customer["parent_id"].is_null()));
        let report = client.get(&format!("{IMPORTS}/{}/errors.csv", import.id)).await.body;
        insta::assert_snapshot!(report.as_str().unwrap_or_default().replace('\r', ""), @r"
    row,pointer,code,message,name,parent
    4,/parent,unknown-parent,there is no customer of this name,Lost,Nowhere
    5,/parent_id,hierarchy-cycle,belongs to this customer itself,Loop,Loop
    8,/parent,ambiguous-parent,more than one customer has this name,Torn,Twin
    ");
    }

    async fn a_key_of_another_customer_fails_its_row_only(db: TestDb) {
        let (_app, client) = start(db).await;
        create(&client, json!({ "name": "Owner", "external_ids": [{ "system": "symbol", "id": "1" }] })).await;
        let file = "name,external_id.crm,external_id.symbol\nA,a,1\nB,b,2\n";
        let import = import(&client, "&map=external_id.crm:external_id.crm,external_id.symbol:external_id.symbol", file).await;
        assert_eq!(counts(&import), [2, 1, 0, 0, 1, 0]);
        let rows = client.get(&format!("{IMPORTS}/{}/rows?outcome=failed", import.id)).await.expect(200);
        assert_eq!(rows["items"][0]["errors"][0]["code"], "external-id-taken");
    }

    async fn a_file_that_cannot_be_read_is_refused_before_anything_is_kept(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = send_file(&client, "&map=x,gone:name,firm:shoe_size", "firm,phone\nA,1\n").await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "4 of the values sent cannot be taken",
          "errors": [
            {
              "code": "bad-format",
              "message": "`x` is no column:field pair",
              "pointer": "?map"
            },
            {
              "code": "unknown-column",
              "message": "the file has no column `gone`",
              "pointer": "?map"
            },
            {
              "code": "unknown-field",
              "message": "customers have no field `shoe_size`",
              "pointer": "?map"
            },
            {
              "code": "name-unmapped",
              "message": "no column fills `name`; say which does, such as map=Firm:name",
              "pointer": "?map"
            }
          ],
          "instance": "/api/v1/imports",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);
        assert_eq!(send_file(&client, "", "").await.problem(), (422, "header-unreadable"));
        let json = client.post(&format!("{IMPORTS}?kind=customers"), &json!({})).await;
        assert_eq!(json.problem(), (415, "media-type-unsupported"));
        assert_eq!(faults(&send_file(&client, "&colour=red", "name\n").await.expect(400)), [("?colour", "unknown-parameter")]);
        assert_eq!(client.get(&format!("{IMPORTS}?count=exact")).await.expect(200)["count"], 0);
        for path in ["", "/rows", "/errors.csv"] {
            let path = format!("{IMPORTS}/{}{path}", Uuid::now_v7());
            assert_eq!(client.get(&path).await.problem(), (404, "import-not-found"));
        }
    }

    async fn a_request_that_is_repeated_is_done_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let send = |file: &'static str| {
            let pieces = futures::stream::iter([Ok::<_, std::io::Error>(file)]);
            let request = client.request(Method::POST, &format!("{IMPORTS}?kind=customers"));
            let request = request.header("content-type", "text/csv").header("idempotency-key", "k1");
            client.send(request.body(reqwest::Body::wrap_stream(pieces)))
        };
        let done: Import = send("name\nA\nB\n").await.read(201);
        assert_eq!((done.state, counts(&done)), (ImportState::Completed, [2, 2, 0, 0, 0, 0]));
        assert_eq!(send("name\nA\nB\n").await.read::<Import>(201), done);
        assert_eq!(client.count(CUSTOMERS).await, 2);
        assert_eq!(client.count(&format!("{IMPORTS}/{}/rows", done.id)).await, 2);
    }

    async fn a_file_that_does_not_arrive_whole_leaves_nothing_behind(db: TestDb) {
        let (_app, client) = start(db).await;
        let (mut sender, pieces) = mpsc::channel::<Result<&str, std::io::Error>>(1);
        let request = client
            .request(Method::POST, &format!("{IMPORTS}?kind=customers"))
            .header("content-type", "text/csv")
            .body(Body::wrap_stream(pieces));
        let sending = tokio::spawn(request.send());
        sender.send(Ok("name\nThird\n")).await.expect("someone reads");
        sender.send(Err(std::io::Error::other("hung up"))).await.expect("someone reads");
        assert!(sending.await.expect("no panic").is_err());
        assert_eq!((client.count(CUSTOMERS).await, client.count(IMPORTS).await), (0, 0));
    }

    async fn a_long_file_goes_through_in_batches(db: TestDb) {
        let (_app, client) = start(db).await;
        let file: String = std::iter::once("name,external_id\n".to_owned()).chain((0..2500).map(|n| format!("N{n},{n}\n"))).collect();
        assert_eq!(counts(&import(&client, "&system=erp", file.clone()).await), [2500, 2500, 0, 0, 0, 0]);
        assert_eq!(counts(&import(&client, "&system=erp", file).await), [2500, 0, 0, 2500, 0, 0]);
        assert_eq!(client.count(CUSTOMERS).await, 2500);
    }
}
