//! Lists other than those of customers and contacts as files.

use registry_contract::{Customer, Employee, Position, Team, TierProposal, Vendor};
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::exports::exported;
use crate::merges::lines;
use crate::qualifications::{answers, qualify};
use crate::support::{at, colleague, create, emptied, faults, named, seat, start};
use crate::vendors::{record, routers, shares, vendor};

const EXPORTS: [&str; 8] = [
    "duplicates",
    "employees",
    "team-members",
    "positions",
    "tier-proposals",
    "qualifications",
    "vendors",
    "vendor-shares",
];

/// The rows of a CSV file below its header; none of the cells has more than one line.
async fn rows(client: &Client, list: &str, query: &str) -> Vec<String> {
    let (file, _) = exported(client, &format!("/api/v1/{list}/export"), query, "etag").await;
    let text = String::from_utf8(file).expect("UTF-8");
    text.lines().skip(1).map(str::to_owned).collect()
}

async fn employ(client: &Client, employee: Value) -> Employee {
    client.post("/api/v1/employees", &employee).await.read(201)
}

async fn join(client: &Client, customer: &Customer, member: Value) {
    client.post(&format!("{}/team", at(customer)), &member).await.expect(201);
}

both! {
    async fn duplicates(db: TestDb) {
        let (app, client) = start(db).await;
        let person = json!({ "name": "王芳", "kind": "consumer", "phone": "139 0000 1111", "website": "https://wang.example" });
        create(&client, json!({ "name": "=Acme GmbH", "website": "https://www.acme.example/de" })).await;
        let second = create(&client, json!({ "name": "ACME Co., Ltd.", "website": "https://acme.example" })).await;
        create(&client, person.clone()).await;
        create(&client, person).await;
        emptied(&app, "duplicate_queue").await;
        let columns = "columns=first_code,first_name,second_code,second_name,score,reasons,state";
        let pair = "C-000001,\"'=Acme GmbH\",C-000002,\"ACME Co., Ltd.\",88,\"same_name;same_website\",open";
        let persons = "C-000003,王芳,C-000004,王芳,75,\"same_name;same_phone;same_website\",open";
        let mut all = rows(&client, "duplicates", columns).await;
        all.sort();
        assert_eq!(all, [pair, persons]);
        assert_eq!(rows(&app.client(&["customers:read"]), "duplicates", columns).await, [pair], "consumers are not for all");
        let of_second = format!("customer_id={}", second.id);
        for (query, count) in [("state=dismissed", 0), ("state=open&min_score=80", 1), (of_second.as_str(), 1)] {
            assert_eq!(rows(&client, "duplicates", &format!("columns=id&{query}")).await.len(), count, "{query}");
        }
    }

    async fn employees(db: TestDb) {
        let (_app, client) = start(db).await;
        let east: Team = client.post("/api/v1/teams", &json!({ "code": "east", "name": "East China" })).await.read(201);
        employ(&client, json!({ "code": "zhao", "name": "@赵敏", "rank": 1, "active_from": "2020-01-01" })).await;
        employ(&client, json!({
            "code": "li.wei", "name": "李伟", "title": "Account manager", "rank": 4, "email": "li.wei@example.com", "team": "east",
            "manager": "zhao", "active_from": "2024-01-01", "external_ids": [{ "system": "hr", "id": "0007" }],
        })).await;
        let columns = "columns=code,name,title,rank,email,team,manager,active_from,active_until,external_ids";
        let zhao = "zhao,\"'@赵敏\",,1,,,,2020-01-01,,";
        let li = "li.wei,李伟,Account manager,4,li.wei@example.com,east,zhao,2024-01-01,,hr:0007";
        assert_eq!(rows(&client, "employees", columns).await, [zhao, li]);
        assert_eq!(rows(&client, "employees", &format!("{columns}&team_id={}", east.id)).await, [li]);
        assert_eq!(rows(&client, "employees", &format!("{columns}&active_on=2023-01-01")).await, [zhao]);
        let (book, media) = exported(&client, "/api/v1/employees/export", "format=xlsx", "content-type").await;
        assert_eq!(media.as_deref(), Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        assert!(book.starts_with(b"PK"));
    }

    async fn members_of_account_teams(db: TestDb) {
        let (_app, client) = start(db).await;
        let (acme, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let wang = employ(&client, json!({ "code": "wang", "name": "王芳", "active_from": "2020-01-01" })).await;
        employ(&client, json!({ "code": "chen", "name": "陈晨", "active_from": "2020-01-01" })).await;
        join(&client, &acme, json!({ "employee": "wang", "role": "solution", "from": "2026-01-01", "until": "2026-02-01" })).await;
        join(&client, &other, json!({ "employee": "chen", "role": "delivery", "from": "2026-01-01" })).await;
        let columns = "columns=customer_code,customer_name,employee_code,employee_name,role,from,until";
        let first = "C-000001,Acme,wang,王芳,solution,2026-01-01,2026-02-01";
        let second = "C-000002,Other,chen,陈晨,delivery,2026-01-01,";
        for (query, expected) in [
            (String::new(), vec![first, second]),
            ("&on=2025-12-31".to_owned(), vec![]),
            ("&on=2026-01-31".to_owned(), vec![first, second]),
            ("&on=2026-02-01".to_owned(), vec![second]),
            ("&role=solution,service".to_owned(), vec![first]),
            (format!("&employee_id={}", wang.id), vec![first]),
            (format!("&customer_id={}", other.id), vec![second]),
            (format!("&customer_id={},{}", other.id, acme.id), vec![first, second]),
        ] {
            assert_eq!(rows(&client, "team-members", &format!("{columns}{query}")).await, expected, "{query}");
        }
    }

    async fn positions(db: TestDb) {
        let (app, client) = start(db).await;
        let (acme, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let board = seat(&client, &acme, json!({ "title": "CEO", "level": 1 })).await;
        let cto = json!({ "title": "CTO", "level": 2, "reports_to": board.id, "decision_role": "evaluator", "vote_weight": 40 });
        let cto: Position = seat(&client, &acme, cto).await;
        seat(&client, &other, json!({ "title": "=Buyer", "decision_role": "buyer" })).await;
        let closed = json!({ "closed_on": "2026-01-01" });
        client.patch(&format!("/api/v1/positions/{}", cto.id), "*", &closed).await.expect(200);
        let columns = "columns=customer_code,customer_name,title,level,reports_to_title,decision_role,vote_weight,closed_on";
        let [first, second, third] =
            ["C-000001,Acme,CEO,1,,,,", "C-000001,Acme,CTO,2,CEO,evaluator,40,2026-01-01", "C-000002,Other,\"'=Buyer\",,,buyer,,"];
        for (query, expected) in [
            (String::new(), vec![first, second, third]),
            ("&decision_role=buyer,evaluator".to_owned(), vec![second, third]),
            ("&as_of=2026-06-01".to_owned(), vec![first, third]),
            (format!("&customer_id={}", acme.id), vec![first, second]),
        ] {
            assert_eq!(rows(&client, "positions", &format!("{columns}{query}")).await, expected, "{query}");
        }
        // Whose seats they are needs its own permission.
        let narrow = app.client(&["contacts:read"]);
        let path = "/api/v1/positions/export";
        let (file, withheld) = exported(&narrow, path, "columns=customer_name,title", "x-withheld-columns").await;
        assert_eq!(withheld.as_deref(), Some("customer_name"));
        assert_eq!(String::from_utf8(file).expect("UTF-8"), "\u{feff}customer_name,title\r\n,CEO\r\n,CTO\r\n,\"'=Buyer\"\r\n");
        let (_, withheld) = exported(&client, path, "columns=customer_name,title", "x-withheld-columns").await;
        assert_eq!(withheld, None);
        assert_eq!(app.client(&["customers:read"]).get(path).await.problem(), (403, "permission-missing"));
    }

    async fn proposals_of_tiers_and_qualifications(db: TestDb) {
        let (app, client) = start(db).await;
        let (acme, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        for (customer, tier) in [(&acme, "A"), (&other, "B")] {
            let proposal = json!({ "customer_id": customer.id, "tier": tier, "reason": "=grows", "evidence": ["a", "b"] });
            client.post("/api/v1/tier-proposals", &proposal).await.read::<TierProposal>(201);
        }
        let columns = "columns=customer_code,customer_name,from_tier,tier,source,reason,evidence";
        let first = "C-000001,Acme,C,A,manual,\"'=grows\",\"a;b\"";
        let second = "C-000002,Other,C,B,manual,\"'=grows\",\"a;b\"";
        for (query, expected) in [("", vec![first, second]), ("&tier=A", vec![first]), ("&source=scoring", vec![])] {
            assert_eq!(rows(&client, "tier-proposals", &format!("{columns}{query}")).await, expected, "{query}");
        }
        let awaits = "columns=tier&mine_to_decide=true&tier=A";
        assert_eq!(rows(&client, "tier-proposals", awaits).await.len(), 0, "who has proposed it does not decide");
        assert_eq!(rows(&colleague(&app, "wang"), "tier-proposals", awaits).await, ["A"]);

        qualify(&client, &other, &answers(&[("need", "latent"), ("budget", "planned")])).await.expect(201);
        let columns = "columns=customer_code,policy_version,score,outcome,decision";
        assert_eq!(rows(&client, "qualifications", columns).await, ["C-000002,1,8600,pass,"]);
        assert_eq!(rows(&client, "qualifications", &format!("{columns}&customer_id={}", acme.id)).await.len(), 0);
    }

    async fn vendors(db: TestDb) {
        let (app, client) = start(db).await;
        let (acme, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let cto = seat(&client, &acme, json!({ "title": "CTO" })).await;
        vendor(&client, &acme, "self", "Us").await;
        let rival: Vendor = client.post(&format!("{}/vendors", at(&acme)), &json!({
            "name": "=Rival", "strengths": ["price", "speed"], "note": "loud",
            "relations": [{ "position_id": cto.id, "note": "golf" }],
        })).await.read(201);
        let twin = vendor(&client, &acme, "competitor", "Rival 2").await;
        client.patch(&format!("/api/v1/vendors/{}", twin.id), "*", &json!({ "same_as": rival.id })).await.expect(200);
        vendor(&client, &other, "competitor", "Far").await;
        let columns = "columns=customer_code,customer_name,kind,name,strengths,weaknesses,relations,note,same_as_name";
        let us = "C-000001,Acme,self,Us,,,,,".to_owned();
        let rival = format!("C-000001,Acme,competitor,\"'=Rival\",\"price;speed\",,{}:golf,loud,", cto.id);
        let twin = "C-000001,Acme,competitor,Rival 2,,,,,\"'=Rival\"".to_owned();
        let far = "C-000002,Other,competitor,Far,,,,,".to_owned();
        assert_eq!(rows(&client, "vendors", columns).await, [us, rival, twin, far.clone()]);
        assert_eq!(rows(&client, "vendors", &format!("{columns}&customer_id={}", other.id)).await, [far]);
        let (book, media) = exported(&client, "/api/v1/vendors/export", "format=xlsx", "content-type").await;
        assert_eq!(media.as_deref(), Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        assert!(book.starts_with(b"PK"));
        assert_eq!(app.client(&["contacts:read"]).get("/api/v1/vendors/export").await.problem(), (403, "permission-missing"));
    }

    async fn shares_of_vendors_as_they_count(db: TestDb) {
        let (_app, client) = start(db).await;
        let (acme, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let (us, rival) = (vendor(&client, &acme, "self", "Us").await, vendor(&client, &acme, "competitor", "=Rival").await);
        let twin = vendor(&client, &acme, "competitor", "Rival 2").await;
        client.patch(&format!("/api/v1/vendors/{}", twin.id), "*", &json!({ "same_as": rival.id })).await.expect(200);
        let far = vendor(&client, &other, "competitor", "Far").await;
        let unsold = json!({ "lines": [{ "product_line": "Switches", "shares": [] }] });
        for (customer, period, body) in [
            (&acme, "2026-Q1", routers(&[(&us, 3_000)])),
            (&acme, "2026-Q1", routers(&[(&us, 3_500), (&twin, 5_000)])),
            (&acme, "2026-Q2", unsold),
            (&acme, "2026", json!({ "lines": [] })),
            (&other, "2026-Q1", routers(&[(&far, 10_000)])),
        ] {
            record(&client, &shares(customer, period), "*", &body).await.expect(200);
        }
        let columns = "columns=customer_code,period,product_line,vendor_name,vendor_kind,share_bp,unknown_bp,wallet,wallet_currency,revision";
        let far = "C-000002,2026-Q1,Routers,Far,competitor,10000,0,1000000.00,CNY,1";
        assert_eq!(rows(&client, "vendor-shares", columns).await, [
            "C-000001,2026-Q1,Routers,\"'=Rival\",competitor,5000,1500,1000000.00,CNY,2",
            "C-000001,2026-Q1,Routers,Us,self,3500,1500,1000000.00,CNY,2",
            "C-000001,2026-Q2,Switches,,,,10000,,,1",
            "C-000001,2026,,,,,,,,1",
            far,
        ]);
        let of_other = format!("&customer_id={}", other.id);
        assert_eq!(rows(&client, "vendor-shares", &format!("{columns}{of_other}")).await, [far]);
        // More periods than are read at once, the first ones empty.
        for year in 1941..=2000 {
            let body = if year < 1995 { json!({ "lines": [] }) } else { routers(&[(&us, 1)]) };
            record(&client, &shares(&acme, &year.to_string()), "*", &body).await.expect(200);
        }
        let periods = rows(&client, "vendor-shares", &format!("columns=period&customer_id={}", acme.id)).await;
        assert_eq!(periods.len(), 4 + 60);
        assert_eq!(periods.last().map(String::as_str), Some("2000"));
        let (book, _) = exported(&client, "/api/v1/vendor-shares/export", "format=xlsx", "etag").await;
        assert!(book.starts_with(b"PK"));
    }

    async fn every_file_is_noted_and_every_unknown_column_refused(db: TestDb) {
        let (app, client) = start(db).await;
        for list in EXPORTS {
            let name = list.replace('-', "_");
            let path = format!("/api/v1/{list}/export");
            let (file, disposition) = exported(&client, &path, "format=csv", "content-disposition").await;
            assert_eq!(disposition.as_deref(), Some(format!("attachment; filename=\"{name}.csv\"").as_str()));
            assert_eq!(String::from_utf8(file).expect("UTF-8").lines().count(), 1, "{list}: its header alone");
            let noted = format!("SELECT action AS line FROM audit_entries WHERE action = '{name}.exported'");
            assert_eq!(lines(&app.db, noted.clone(), noted).await.len(), 1, "{list}");
            let refused = client.get(&format!("{path}?columns=id,shoe_size,id")).await.expect(400);
            assert_eq!(faults(&refused), [("?columns", "unknown-column"), ("?columns", "not-unique")], "{list}");
            assert_eq!(client.get(&format!("{path}?sort=id")).await.problem(), (400, "query-invalid"), "{list}");
        }
    }

    async fn a_long_list_comes_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        // Twice what is read at once, so that a page ends where the list does.
        let employees: Vec<Value> = (0..1000).map(|n| json!({ "code": format!("e{n}"), "name": "N" })).collect();
        client.post("/api/v1/employees/bulk", &json!({ "employees": employees })).await.expect(200);
        let mut codes = rows(&client, "employees", "columns=code").await;
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 1000);
    }
}
