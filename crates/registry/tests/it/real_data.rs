//! The real files that the product must take, where there are any.

use std::collections::HashMap;
use std::path::PathBuf;

use futures::{StreamExt, stream};
use registry::domain::search::{Question, customer_terms, key, pinyin};
use registry_contract::{Customer, Import, ImportState, VCardImport};
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CONTACTS, CUSTOMERS, counts, emptied, import, named, send_bytes, start, workbook};
use crate::vcards::send;

/// Companies that are asked for by everything they are found by, several questions at a time.
const ASKED: usize = 200;
const AT_ONCE: usize = 8;

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

/// Each by its characters, its symbol, its pinyin and its initials, and by the `cnspell` of the exchange. The list holds six
/// names with the mark of a day (`XD`) that has pushed out their last character, which the exchange spells as if it were
/// there. All are held against the terms that they are found by, the first of them are asked for.
async fn every_company_is_found(client: &Client, file: &std::path::Path) {
    let pages = client.pages(&format!("{CUSTOMERS}?limit=200")).await;
    let all = pages.iter().flat_map(|page| page["items"].as_array().expect("items"));
    let all: HashMap<String, Customer> = all
        .map(|item| serde_json::from_value::<Customer>(item.clone()).expect("a customer"))
        .map(|customer| (customer.name.clone(), customer))
        .collect();
    let text = std::fs::read_to_string(file).expect("the list");
    let (mut lost, mut asked) = (Vec::new(), Vec::new());
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
            } else if number < ASKED {
                asked.push((name.to_owned(), q.to_owned()));
            }
        }
    }
    assert!(asked.len() > 4 * ASKED, "{} questions", asked.len());
    let ask = |(name, q): (String, String)| async move {
        let page = client.get(&format!("{CUSTOMERS}?limit=200&q={}", encoded(&q))).await.expect(200);
        let items = page["items"].as_array().expect("items");
        assert!(items.iter().any(|customer| customer["name"] == name), "{name} {q}");
    };
    stream::iter(asked).for_each_concurrent(AT_ONCE, ask).await;
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

type Row = HashMap<String, String>;

fn rows(file: PathBuf) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    reader.deserialize().collect::<Result<_, _>>().expect("rows of texts")
}

fn given(row: &Row, column: &str) -> Option<String> {
    row.get(column).filter(|text| !text.is_empty()).cloned()
}

/// An Odoo partner that is a company, as its connector would send it; a VAT number of no EU form stays a free tax id.
fn odoo_company(row: &Row, at: &str) -> Value {
    let mut record = json!({ "name": row["name"], "source_updated_at": at });
    let website = given(row, "website").map(|site| if site.contains("://") { site } else { format!("https://{site}") });
    let country = given(row, "country_id/id").map(|id| id.trim_start_matches("base.").to_uppercase());
    let address = given(row, "street").map(|street| format!("{street}, {}", row["zip"]));
    for (field, value) in [
        ("address", address),
        ("city", given(row, "city")),
        ("country", country),
        ("phone", given(row, "phone")),
        ("website", website),
        ("tax_id", given(row, "vat")),
    ] {
        record[field] = json!(value);
    }
    record
}

/// An SAP business partner's address, which is all that the sample tells of it.
fn sap_partner(row: &Row, at: &str) -> Value {
    let address = format!("{}, {} {}", row["StreetName"], row["postalCode"], row["CityName"]);
    json!({ "name": format!("Business partner {}", row["BusinessPartner"]), "address": address, "city": row["CityName"],
        "country": row["Country"], "source_updated_at": at })
}

async fn put(client: &Client, system: &str, id: &str, record: &Value) -> Customer {
    let answer = client.put(&format!("{CUSTOMERS}/external/{system}/{id}"), record).await;
    assert!(matches!(answer.status, 200 | 201), "{system} {id}: {answer:?}");
    serde_json::from_value(answer.body).expect("a customer")
}

/// What was told of the customers of a system, by their keys there, without what tells when and how often.
async fn told(client: &Client, system: &str) -> Vec<Value> {
    let page = client.get(&format!("{CUSTOMERS}?limit=200&external_system={system}&sort=name")).await.expect(200);
    let mut all = page["items"].as_array().expect("items").clone();
    for customer in &mut all {
        for name in ["id", "code", "version", "created_at", "updated_at"] {
            customer[name].take();
        }
    }
    all
}

both! {
    async fn odoo_partners_become_customers_and_contacts(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let partners = rows(data.join("integrations/odoo/res_partner_demo_extract.csv"));
        let (companies, people): (Vec<_>, Vec<_>) = partners.iter().partition(|row| row["is_company"] == "True");
        assert_eq!((companies.len(), people.len()), (8, 12));

        // An EU form of the sample's VAT numbers is refused with what is wrong, before they are sent as free tax ids.
        let vat = given(companies[0], "vat").expect("a VAT number");
        let typed = json!({ "name": "Wood Corner", "identifiers": [{ "type": "eu_vat", "value": vat }] });
        let refused = client.put(&format!("{CUSTOMERS}/external/odoo/base.res_partner_1"), &typed).await.expect(422);
        assert_eq!(refused["errors"][0]["code"], "unknown-country");

        let mut of_odoo = HashMap::new();
        for row in &companies {
            let customer = put(&client, "odoo", &row["id"], &odoo_company(row, "2026-03-02T00:00:00Z")).await;
            assert_eq!(customer.tax_id, given(row, "vat"));
            of_odoo.insert(row["id"].clone(), customer.id);
        }
        for row in &people {
            let contact = json!({ "customer_id": of_odoo[&row["parent_id/id"]], "name": row["name"],
                "title": given(row, "function"), "email": given(row, "email"), "phone": given(row, "phone") });
            client.post(CONTACTS, &contact).await.expect(201);
        }
        assert_eq!((client.count(CUSTOMERS).await, client.count(CONTACTS).await), (8, 12));
        assert_eq!(number(&client, "country=US").await, 7);

        let before = told(&client, "odoo").await;
        for row in companies.iter().rev() {
            let mut late = odoo_company(row, "2026-03-01T00:00:00Z");
            late["name"] = json!("An older name");
            late["city"] = json!(null);
            put(&client, "odoo", &row["id"], &late).await;
            put(&client, "odoo", &row["id"], &odoo_company(row, "2026-03-02T00:00:00Z")).await;
        }
        assert_eq!(told(&client, "odoo").await, before);
    }

    async fn sap_business_partners_converge_out_of_order(db: TestDb) {
        let Some(data) = data() else { return };
        let (_app, client) = start(db).await;
        let folder = data.join("integrations/sap");
        let addresses = rows(folder.join("API_BUSINESS_PARTNER-A_BusinessPartnerAddress.csv"));
        assert!(!addresses.is_empty());
        let events = std::fs::read_to_string(folder.join("events.cloudevents.jsonl")).expect("events");
        let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();

        let mut records: Vec<(String, Value)> = Vec::new();
        for row in &addresses {
            let id = row["BusinessPartner"].clone();
            let mut older = sap_partner(row, "2023-01-01T00:00:00Z");
            older["city"] = json!("Elsewhere");
            let renamed = json!({ "name": format!("Partner {id}"), "source_updated_at": "2023-06-01T00:00:00Z" });
            records.extend([(id.clone(), older), (id.clone(), sap_partner(row, "2023-03-01T00:00:00Z")), (id, renamed)]);
        }
        for event in &events {
            let id = event["data"]["BusinessPartner"].as_str().expect("a key").to_owned();
            records.push((id.clone(), json!({ "name": format!("Partner {id}"), "source_updated_at": event["time"] })));
        }
        for (id, record) in &records {
            put(&client, "sap", id, record).await;
        }
        let in_order = told(&client, "sap").await;
        assert_eq!(in_order.len(), addresses.len() + events.len());
        assert!(in_order.iter().all(|customer| customer["name"].as_str().is_some_and(|name| name.starts_with("Partner "))));
        assert_eq!(number(&client, "country=DE").await, 1);

        for (id, record) in records.iter().rev() {
            put(&client, "sap-again", id, record).await;
        }
        let mut reversed = told(&client, "sap-again").await;
        for customer in &mut reversed {
            customer["external_ids"][0]["system"] = json!("sap");
        }
        assert_eq!(reversed, in_order);
    }

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
