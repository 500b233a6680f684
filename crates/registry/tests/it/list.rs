use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CONTACTS, CUSTOMERS, all_pages, create, named, person, redact, start};

const WORLD: [(&str, &str, &str, &str, &str); 9] = [
    // name, tier, lifecycle, owner, country
    ("万科Ａ", "S", "repeat", "li.wei", "CN"),
    ("Ärzte GmbH", "A", "repeat", "anna", "DE"),
    ("50% Off Ltd", "A", "prospect", "anna", "GB"),
    ("a_b trading", "B", "prospect", "li.wei", "CN"),
    ("axb trading", "B", "prospect", "li.wei", "CN"),
    ("Same Name", "C", "lapsed", "li.wei", "CN"),
    ("Same Name", "C", "lapsed", "anna", "US"),
    ("Same Name", "C", "suspect", "anna", "US"),
    ("back\\slash", "C", "suspect", "anna", "US"),
];

/// By letter, Chinese names by pinyin.
const BY_NAME: [&str; 9] = [
    "50% Off Ltd",
    "a_b trading",
    "Ärzte GmbH",
    "axb trading",
    "back\\slash",
    "Same Name",
    "Same Name",
    "Same Name",
    "万科Ａ",
];

async fn fill(client: &Client) {
    for (name, tier, lifecycle, owner, country) in WORLD {
        create(
            client,
            json!({ "name": name, "tier": tier, "lifecycle": lifecycle, "owner": owner, "country": country }),
        )
        .await;
    }
}

fn texts<'a>(items: &'a [Value], field: &str) -> Vec<&'a str> {
    items.iter().map(|item| item[field].as_str().unwrap_or_default()).collect()
}

async fn codes(client: &Client, query: &str) -> String {
    let page = client.get(&format!("{CUSTOMERS}?sort=code&{query}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    texts(items, "code").iter().map(|code| code.trim_start_matches("C-00000")).collect::<Vec<_>>().join(" ")
}

both! {
    async fn every_sort_pages_through_all_once(db: TestDb) {
        let (_app, client) = start(db).await;
        fill(&client).await;
        for field in ["code", "created_at", "updated_at", "name"] {
            let (up, pages) = all_pages(&client, &format!("{CUSTOMERS}?limit=2&sort={field}")).await;
            assert_eq!(pages, 5, "{field}");
            let keys = texts(&up, field);
            match field {
                "name" => assert_eq!(keys, BY_NAME),
                _ => assert!(keys.is_sorted(), "{field}: {keys:?}"),
            }
            let mut ids = texts(&up, "id");
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), WORLD.len(), "{field}");

            let (mut down, _) = all_pages(&client, &format!("{CUSTOMERS}?limit=4&sort=-{field}")).await;
            down.reverse();
            assert_eq!(texts(&down, "id"), texts(&up, "id"), "{field}");
        }
        let (mixed, _) = all_pages(&client, &format!("{CUSTOMERS}?limit=2&sort=-name,code")).await;
        let mixed: Vec<_> = mixed.iter().map(|item| (item["name"].as_str(), item["code"].as_str())).collect();
        let names: Vec<_> = mixed.iter().filter_map(|(name, _)| *name).collect();
        assert_eq!(names, BY_NAME.into_iter().rev().collect::<Vec<_>>());
        let same: Vec<_> = mixed.iter().filter(|(name, _)| *name == Some("Same Name")).map(|(_, code)| code).collect();
        assert!(same.is_sorted(), "{same:?}");
    }

    async fn filters_narrow_and_commas_widen(db: TestDb) {
        let (_app, client) = start(db).await;
        fill(&client).await;
        create(&client, json!({ "name": "Bo", "kind": "consumer", "industry": "retail", "external_ids": [{ "system": "sap", "id": "1" }] })).await;
        for (query, expected) in [
            ("tier=S", "1"),
            ("tier=S,A", "1 2 3"),
            ("tier=C&owner=anna", "7 8 9"),
            ("lifecycle=lapsed,suspect&country=US", "7 8 9"),
            ("country=DE,GB", "2 3"),
            ("kind=consumer", "C-000010"),
            ("industry=retail", "C-000010"),
            ("external_system=sap", "C-000010"),
            ("external_system=crm", ""),
            ("updated_since=2999-01-01T00:00:00Z", ""),
            ("q=TRADING", "4 5"),
            ("q=a_b", "4"),
            ("q=50%25", "3"),
            ("q=back%5Cs", "9"),
            ("q=%C3%A4RZTE", "2"),
            ("q=万科a", "1"),
            ("q=c-000004", "4"),
            ("q=nobody", ""),
            ("q=%25", ""),
            ("q=%20", "1 2 3 4 5 6 7 8 9 C-000010"),
            ("q=wk", "1"),
            ("q=trading%20a", "4 5"),
            ("q=same&owner=anna", "7 8"),
        ] {
            assert_eq!(codes(&client, query).await, expected, "{query}");
        }
        let counted = client.get(&format!("{CUSTOMERS}?owner=anna&limit=2&count=exact")).await.expect(200);
        assert_eq!((counted["items"].as_array().map(Vec::len), counted["count"].as_i64()), (Some(2), Some(5)));
    }

    async fn a_query_that_makes_no_sense_is_refused_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client.get(&format!("{CUSTOMERS}?tier=S,D&colour=red&limit=0&updated_since=yesterday")).await;
        insta::assert_json_snapshot!(redact(refused.expect(400)), @r#"
        {
          "code": "query-invalid",
          "detail": "4 values in the query are wrong",
          "errors": [
            {
              "code": "unknown-parameter",
              "message": "there is no such parameter",
              "pointer": "?colour"
            },
            {
              "code": "out-of-range",
              "message": "must be at least 1",
              "pointer": "?limit"
            },
            {
              "code": "not-allowed",
              "message": "must be one of S, A, B, C",
              "pointer": "?tier"
            },
            {
              "code": "bad-format",
              "message": "must be a date-time",
              "pointer": "?updated_since"
            }
          ],
          "instance": "/api/v1/customers",
          "status": 400,
          "title": "Query invalid",
          "trace_id": "[trace]",
          "type": "/problems/query-invalid"
        }
        "#);
        assert_eq!(client.get(&format!("{CUSTOMERS}?sort=tier")).await.problem(), (400, "query-invalid"));
        named(&client, "A").await;
        named(&client, "B").await;
        let page = client.get(&format!("{CUSTOMERS}?limit=1&sort=name")).await.expect(200);
        let cursor = page["next_cursor"].as_str().expect("a cursor");
        let foreign = client.get(&format!("{CUSTOMERS}?limit=1&sort=code&cursor={cursor}")).await;
        assert_eq!(foreign.problem(), (400, "cursor-invalid"));
    }

    async fn contacts_page_too(db: TestDb) {
        let (_app, client) = start(db).await;
        let (one, other) = (named(&client, "One").await, named(&client, "Other").await);
        for number in 0..5 {
            person(&client, &one, &format!("Person {number}")).await;
            person(&client, &other, &format!("Person {number}")).await;
        }
        for sort in ["name", "-created_at", "updated_at"] {
            let (all, pages) = all_pages(&client, &format!("{CONTACTS}?limit=3&sort={sort}")).await;
            assert_eq!((all.len(), pages), (10, 4), "{sort}");
            let (own, pages) = all_pages(&client, &format!("{CONTACTS}?limit=2&sort={sort}&customer_id={}", one.id)).await;
            assert_eq!((own.len(), pages), (5, 3), "{sort}");
        }
        let both = format!("{CONTACTS}?limit=1&count=exact&customer_id={},{}", one.id, other.id);
        assert_eq!(client.get(&both).await.expect(200)["count"], 10);
    }
}
