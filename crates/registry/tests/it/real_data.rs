//! The real files that the product must take, where there are any.

use std::path::PathBuf;

use registry_contract::{Import, ImportState};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, counts, import, send_bytes, start, workbook};

/// The folder of `GUANXI_DATA_DIR`, which is set wherever these files are.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("GUANXI_DATA_DIR").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("not run: GUANXI_DATA_DIR is not set, so there are no files to import");
    }
    folder
}

async fn take(client: &Client, query: &str, file: PathBuf) -> Import {
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let import = import(client, query, bytes).await;
    assert_eq!(import.state, ImportState::Completed, "{import:?}");
    import
}

async fn number(client: &Client, query: &str) -> i64 {
    client.get(&format!("{CUSTOMERS}?limit=1&count=exact&{query}")).await.expect(200)["count"]
        .as_i64()
        .expect("a count")
}

both! {
    async fn accounts_with_their_parents(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let query = "&map=account:name,account:external_id&system=pipeline";
        let file = || data.join("opportunities/accounts.csv");
        assert_eq!(counts(&take(&client, query, file()).await), [85, 85, 0, 0, 0, 0]);
        let all = client.get(&format!("{CUSTOMERS}?limit=200")).await.expect(200);
        let items = all["items"].as_array().expect("items");
        assert_eq!(items.iter().filter(|customer| !customer["parent_id"].is_null()).count(), 15);
        let acme = items.iter().find(|customer| customer["name"] == "Acme Corporation").expect("Acme");
        assert_eq!(acme["annual_revenue"]["amount"], "1100040000.00");
        assert_eq!(acme["annual_revenue"]["currency"], "USD");
        assert_eq!(number(&client, "country=US").await, 71);
        assert_eq!(counts(&take(&client, query, file()).await), [85, 0, 0, 85, 0, 0]);
    }

    async fn listed_companies_without_loss(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let file = || data.join("companies/a_share_first2000.csv");
        assert_eq!(counts(&take(&client, "", file()).await), [2000, 2000, 0, 0, 0, 0]);
        assert_eq!(number(&client, "q=万科a").await, 1);
        assert_eq!(number(&client, "external_system=symbol").await, 2000);
        assert_eq!(counts(&take(&client, "", file()).await), [2000, 0, 0, 2000, 0, 0]);
    }

    async fn listed_companies_in_every_form_of_file(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let file = std::fs::read_to_string(data.join("companies/a_share_first2000.csv")).expect("the file");
        let plain = file.trim_start_matches('\u{feff}');
        assert_eq!(counts(&import(&client, "", file.clone()).await), [2000, 2000, 0, 0, 0, 0]);
        let rows: Vec<Vec<String>> = plain.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
        let wide: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, format, charset) in [
            (encoding_rs::GBK.encode(plain).0.into_owned(), "csv", Some("gb18030")),
            ([vec![0xff, 0xfe], wide.clone()].concat(), "csv", Some("utf-16le")),
            (wide, "csv", Some("utf-16le")),
            (workbook(&rows), "xlsx", None),
        ] {
            let import: Import = send_bytes(&client, "", "application/octet-stream", bytes).await.read(201);
            assert_eq!((import.format.as_str(), import.charset.as_deref()), (format, charset));
            assert_eq!(counts(&import), [2000, 0, 0, 2000, 0, 0], "{format} {charset:?} says the same of each");
        }
    }

    async fn companies_of_complaints_once_each(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let query = "&map=Company:name,Company:external_id&system=cfpb";
        let import = take(&client, query, data.join("complaints/cfpb_first3000.csv")).await;
        assert_eq!((import.updated, import.failed, import.warnings), (0, 0, 0));
        assert_eq!(import.created + import.unchanged, import.rows);
        assert_eq!(client.count(CUSTOMERS).await, import.created);
        assert!(import.created > 100 && import.unchanged > 1000, "{import:?}");
    }
}
