//! Files of every form, good and bad.

use std::io::Write;

use registry_contract::{Customer, Import, ImportState};
use serde_json::json;
use testkit::both;

use crate::support::{CUSTOMERS, IMPORTS, counts, import, send_bytes, send_file, start, workbook};

const BYTES: &str = "application/octet-stream";

fn sheet(rows: &[&[&str]]) -> Vec<u8> {
    workbook(&rows.iter().map(|cells| cells.iter().map(|cell| (*cell).to_owned()).collect()).collect::<Vec<_>>())
}

fn zipped(name: &str, megabytes: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file(name, options).expect("an entry");
    for _ in 0..megabytes {
        archive.write_all(&vec![b' '; 1 << 20]).expect("is written");
    }
    archive.finish().expect("an archive").into_inner()
}

both! {
    async fn a_workbook_is_read_like_a_file_of_text(db: TestDb) {
        let (_app, client) = start(db).await;
        let rows: &[&[&str]] = &[
            &["客户名称", "external_id", "电话", "行业"],
            &["深圳示例", "000123", "0755-1234567", "银行"],
            &["上海示例", "000124", "none"],
        ];
        let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let import: Import = send_bytes(&client, "&system=erp&name=list.xlsx", media, sheet(rows)).await.read(201);
        assert_eq!((import.format.as_str(), import.charset.clone(), counts(&import)), ("xlsx", None, [2, 1, 0, 0, 1, 0]));
        let made: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((made.external_ids[0].id.as_str(), made.phone.as_deref()), ("000123", Some("0755-1234567")));
        let failed = client.get(&format!("{IMPORTS}/{}/rows?outcome=failed", import.id)).await.expect(200);
        assert_eq!(failed["items"][0]["row"], 3);
        assert_eq!(failed["items"][0]["cells"], json!(["上海示例", "000124", "none", ""]));
    }

    async fn custom_fields_have_columns_of_their_own(db: TestDb) {
        let (_app, client) = start(db).await;
        let choice = json!({ "value": "red", "label_en": "Red", "label_zh": "红" });
        for (key, kind, rules) in [("vip", "boolean", json!({})), ("colour", "choice", json!({ "choices": [choice] }))] {
            let field = json!({ "key": key, "label_en": key, "label_zh": "字段", "type": kind, "rules": rules });
            client.post("/api/v1/custom-fields", &field).await.expect(201);
        }
        let file = "name,custom.vip,Farbe\nA,是,红\nB,perhaps,blue\nC,,\n";
        let taken = import(&client, "&map=Farbe:custom.colour", file).await;
        assert_eq!(counts(&taken), [3, 2, 0, 0, 1, 0]);
        let one: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!(json!(one.custom_fields), json!({ "vip": true, "colour": "red" }));
        let rows = client.get(&format!("{IMPORTS}/{}/rows?outcome=failed", taken.id)).await.expect(200);
        let faults: Vec<_> = rows["items"][0]["errors"].as_array().expect("errors").iter().map(|fault| &fault["code"]).collect();
        assert_eq!(faults, ["not-allowed", "wrong-type"]);
        let refused = send_file(&client, "", "name,custom.shoe_size\nA,42\n").await.expect(422);
        assert_eq!(refused["errors"][0]["code"], "unknown-field");
        assert_eq!(client.count(CUSTOMERS).await, 2);
    }

    async fn a_charset_may_be_declared(db: TestDb) {
        let (_app, client) = start(db).await;
        let western = encoding_rs::WINDOWS_1252.encode("name;city\nCafé;Orléans\n").0.into_owned();
        let refused = send_bytes(&client, "", "text/csv", western.clone()).await;
        assert_eq!(refused.problem(), (422, "file-unreadable"));
        assert_eq!(client.count(IMPORTS).await, 0);
        let import: Import = send_bytes(&client, "&charset=windows-1252", "text/csv", western.clone()).await.read(201);
        assert_eq!((counts(&import), import.charset.as_deref()), ([1, 1, 0, 0, 0, 0], Some("windows-1252")));
        let made: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((made.name.as_str(), made.city.as_deref()), ("Café", Some("Orléans")));

        let wrong: Import = send_bytes(&client, "", "text/csv; charset=\"utf-8\"", western).await.read(201);
        let fault = "row 2 is not written in UTF-8; say in which charset the file is";
        assert_eq!((wrong.state, wrong.fault.as_deref(), wrong.rows), (ImportState::Broken, Some(fault), 0));
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn a_bad_file_is_refused_as_a_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        let whole = sheet(&[&["name"], &["A"], &["B"]]);
        for (file, code, detail) in [
            (Vec::new(), "header-unreadable", "the file has no header row that could be read"),
            (b",,\nA,B,C\n".to_vec(), "header-unreadable", "the file has no header row that could be read"),
            (b"A,0755-1\nB,0755-2\n".to_vec(), "fields-invalid", "1 of the values sent cannot be taken"),
            (b"name,name\nA,B\n".to_vec(), "fields-invalid", "1 of the values sent cannot be taken"),
            (whole[..whole.len() / 2].to_vec(), "file-unreadable", "the workbook cannot be read"),
            (zipped("xl/worksheets/sheet1.xml", 64), "file-unreadable", "the workbook unpacks to far more"),
            (zipped("note.txt", 0), "file-unreadable", "the workbook cannot be read"),
        ] {
            let refused = send_bytes(&client, "", BYTES, file).await;
            assert_eq!(refused.problem(), (422, code), "{detail}");
            assert!(refused.body["detail"].as_str().is_some_and(|text| text.starts_with(detail)), "{refused}");
        }
        assert_eq!(client.count(IMPORTS).await, 0);
        for (file, fault) in [
            ("name\n".to_owned(), "the file has no rows below its header"),
            (
                format!("name\nFirst\nSecond\n\"{}", "x".repeat(10 << 20)),
                "row 4 could not be read: it is longer than 1048576 bytes; is a quotation mark left open?",
            ),
        ] {
            let broken = import(&client, "", file).await;
            assert_eq!((broken.state, broken.fault.as_deref()), (ImportState::Broken, Some(fault)));
            assert_eq!(counts(&broken), [0; 6]);
        }
        assert_eq!(client.count(CUSTOMERS).await, 0, "nothing is taken of any of them");
    }

    async fn a_cell_beyond_measure_fails_its_row_only(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = format!("name,notes\nA,{}\nB,x\n", "y".repeat(40_000));
        let import: Import = send_file(&client, "", file).await.read(201);
        assert_eq!(counts(&import), [2, 1, 0, 0, 1, 0]);
        let failed = client.get(&format!("{IMPORTS}/{}/rows?outcome=failed", import.id)).await.expect(200);
        assert_eq!((&failed["items"][0]["row"], &failed["items"][0]["errors"][0]["code"]), (&json!(2), &json!("cell-too-long")));
    }
}
