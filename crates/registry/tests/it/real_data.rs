//! The real files that the product must take, where there are any.

use std::collections::HashMap;
use std::path::PathBuf;

use registry::domain::search::{Question, customer_terms, key, pinyin};
use registry_contract::{Customer, Import, ImportState, VCardImport};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, emptied, import, named, start};
use crate::vcards::send;

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

fn counts(import: &Import) -> [i64; 6] {
    [import.rows, import.created, import.updated, import.unchanged, import.failed, import.warnings]
}

async fn number(client: &Client, query: &str) -> i64 {
    client.get(&format!("{CUSTOMERS}?limit=1&count=exact&{query}")).await.expect(200)["count"]
        .as_i64()
        .expect("a count")
}

/// Each by its characters, its symbol, its pinyin and its initials, and by the `cnspell` of the exchange. The list holds six
/// names with the mark of a day (`XD`) that has pushed out their last character, which the exchange spells as if it were
/// there. All are held against the terms that they are found by, every fortieth is asked for.
async fn every_company_is_found(client: &Client, file: &std::path::Path) {
    let pages = client.pages(&format!("{CUSTOMERS}?limit=200")).await;
    let all = pages.iter().flat_map(|page| page["items"].as_array().expect("items"));
    let all: HashMap<String, Customer> = all
        .map(|item| serde_json::from_value::<Customer>(item.clone()).expect("a customer"))
        .map(|customer| (customer.name.clone(), customer))
        .collect();
    let text = std::fs::read_to_string(file).expect("the list");
    let mut lost = Vec::new();
    for (number, line) in text.lines().skip(1).enumerate() {
        let cells: Vec<_> = line.split(',').collect();
        let (symbol, name, spelled) = (cells[1], cells[2], cells[5]);
        let chars: Vec<char> = key(name).chars().collect();
        let own = pinyin::spellings(&chars).into_iter().next().unwrap_or_default();
        let terms = customer_terms(&all[name]);
        for q in [name, spelled, symbol, &own.initials, &own.full].into_iter().filter(|q| !q.is_empty()) {
            let question = Question::parse(q).expect("asks for something");
            let fits = question
                .attempts
                .iter()
                .any(|words| words.iter().all(|word| terms.iter().any(|(_, term)| word.fits(term))));
            if !fits {
                lost.push((name.to_owned(), q.to_owned()));
            } else if number % 40 == 0 {
                let page = client.get(&format!("{CUSTOMERS}?limit=200&q={}", encoded(q))).await.expect(200);
                let items = page["items"].as_array().expect("items");
                assert!(items.iter().any(|customer| customer["name"] == name), "{name} {q}");
            }
        }
    }
    let expected = [
        ("XD中直股", "ZZGF"),
        ("XD凌云股", "LYGF"),
        ("XD宁夏建", "NXJC"),
        ("XD百川能", "BCNY"),
        ("XD红星发", "HXFZ"),
        ("XD风神股", "FSGF"),
    ];
    lost.sort();
    assert_eq!(lost, expected.map(|(name, q)| (name.to_owned(), q.to_owned())));
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
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
        let (app, client) = start(db).await;
        let file = || data.join("companies/a_share_first2000.csv");
        assert_eq!(counts(&take(&client, "", file()).await), [2000, 2000, 0, 0, 0, 0]);
        emptied(&app, "search_queue").await;
        assert_eq!(number(&client, "q=万科a").await, 1);
        every_company_is_found(&client, &file()).await;
        assert_eq!(number(&client, "external_system=symbol").await, 2000);
        assert_eq!(counts(&take(&client, "", file()).await), [2000, 0, 0, 2000, 0, 0]);
    }

    async fn every_vcard_becomes_its_contacts(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let mut seen = Vec::new();
        for entry in std::fs::read_dir(data.join("mail/vcard")).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.extension().is_none_or(|extension| extension != "vcf") {
                continue;
            }
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let customer = named(&client, &name).await;
            let file = std::fs::read(&path).expect("a file");
            let import: VCardImport = send(&client, &customer, "text/vcard", file).await.read(200);
            let names: Vec<_> = import.results.iter().map(|r| r.contact.as_ref().map_or("-", |c| c.name.as_str())).collect();
            seen.push(format!("{name}: {} of {}: {}", import.created, import.cards, names.join(" | ")));
        }
        seen.sort();
        insta::assert_snapshot!(seen.join("\n"), @r#"
        John_Doe_ANDROID: 6 of 6: john.doe@company.com | jane.doe@company.com | Ñ Ñ Ñ Ñ Ñ | Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ | Ñ Ñ Ñ Ñ | ÑÑÑÑ
        John_Doe_EVOLUTION: 1 of 1: Mr. John Richter, James Doe Sr.
        John_Doe_IPHONE: 1 of 1: Mr. John Richter James Doe Sr.
        John_Doe_MAC_ADDRESS_BOOK: 1 of 1: Mr. John Richter,James Doe Sr.
        gmail-list: 3 of 3: Arnold Smith | Chris Beatle | Doug White
        gmail-single2: 1 of 1: VCard Test
        outlook-2003: 1 of 1: John Doe III
        rfc2426-example: 2 of 2: Frank Dawson | Tim Howes
        thunderbird-MoreFunctionsForAddressBook-extension: 1 of 1: John Doe
        "#);
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
