//! How deep and how large a group may be.

use registry_contract::{Customer, Hierarchy, Import};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{App, Client, both};

use crate::merges::{lines, merge};
use crate::support::{
    CONTACTS, IMPORTS, all_pages, at, caller, counts, create, faults, import, named, person, run, start,
};

const LEVELS: usize = 20;

/// Customers each of whom belongs to the one before.
async fn line(client: &Client, name: &str, count: usize) -> Vec<Customer> {
    let mut line = vec![named(client, &format!("{name}0")).await];
    for level in 1..count {
        let below = json!({ "name": format!("{name}{level}"), "parent_id": line[level - 1].id });
        line.push(create(client, below).await);
    }
    line
}

async fn hierarchy(client: &Client, customer: &Customer, query: &str) -> Hierarchy {
    client.get(&format!("{}/hierarchy{query}", at(customer))).await.read(200)
}

/// Copies the customer and its place so many times, past all that watches over what is new.
async fn multiply(app: &App, template: &Customer, count: usize) {
    let columns = lines(
        &app.db,
        "SELECT column_name::text AS line FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = 'customers'"
            .to_owned(),
        "SELECT name AS line FROM pragma_table_info('customers')".to_owned(),
    )
    .await;
    let is_postgres = app.db.backend() == database::Backend::Postgres;
    let new_id = if is_postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let value = |column: &String| match column.as_str() {
        "id" => new_id.to_owned(),
        "code" => "'X-' || n".to_owned(),
        column => format!("customers.{column}"),
    };
    let (names, values) = (columns.join(", "), columns.iter().map(value).collect::<Vec<_>>().join(", "));
    let (with, numbers) = if is_postgres {
        (String::new(), format!("generate_series(1, {count}) AS n"))
    } else {
        let numbers = format!("SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}");
        (format!("WITH RECURSIVE numbers (n) AS ({numbers}) "), "numbers".to_owned())
    };
    let code = &template.code;
    let mut tx = app.db.begin().await.expect("a transaction");
    let copies = format!(
        "{with}INSERT INTO customers ({names}) SELECT {values} FROM customers, {numbers} WHERE customers.code = '{code}'"
    );
    assert_eq!(run(&mut tx, &copies).await, count);
    let links = format!(
        "INSERT INTO customer_links (id, child_id, parent_id, kind, from_day, version, created_at, updated_at)
         SELECT {new_id}, id, parent_id, 'site', '2020-01-01', 1, created_at, updated_at FROM customers
         WHERE code LIKE 'X-%'"
    );
    assert_eq!(run(&mut tx, &links).await, count);
    tx.commit().await.expect("a commit");
}

/// Number, outcome and faults of each row of an import.
async fn told(client: &Client, import: &Import) -> Vec<Value> {
    let (rows, _) = all_pages(client, &format!("{IMPORTS}/{}/rows?limit=200", import.id)).await;
    rows.iter().map(|row| json!([row["row"], row["outcome"], row["errors"], row["cells"][0]])).collect()
}

both! {
    async fn a_line_grows_from_the_bottom_up_until_it_is_too_deep(db: TestDb) {
        let (_app, client) = start(db).await;
        let mut line = vec![named(&client, "Site").await];
        for level in 1..=LEVELS {
            let above = named(&client, &format!("L{level}")).await;
            client.patch(&at(&line[level - 1]), "*", &json!({ "parent_id": above.id })).await.expect(200);
            line.push(above);
        }
        let above = named(&client, "Too high").await;
        let top = &line[LEVELS];
        for refused in [
            client.patch(&at(top), "*", &json!({ "parent_id": above.id })).await,
            client.post(&format!("{}/links", at(top)), &json!({ "parent_id": above.id, "from": "2020-01-01" })).await,
        ] {
            assert_eq!(faults(&refused.expect(422)), [("/parent_id", "too-deep")]);
        }
        let below = json!({ "name": "Too low", "parent_id": line[0].id });
        assert_eq!(faults(&client.post("/api/v1/customers", &below).await.expect(422)), [("/parent_id", "too-deep")]);
        let whole = hierarchy(&client, top, "").await;
        assert_eq!((whole.nodes.len(), whole.nodes[0].total.customers), (LEVELS + 1, 21));
        assert_eq!(hierarchy(&client, &line[0], "").await.ancestors.len(), LEVELS);
    }

    async fn a_tree_comes_under_another_if_both_are_flat_enough(db: TestDb) {
        let (_app, client) = start(db).await;
        let (upper, lower) = (line(&client, "U", 10).await, line(&client, "L", 12).await);
        let under = async |place: usize| client.patch(&at(&lower[0]), "*", &json!({ "parent_id": upper[place].id })).await;
        assert_eq!(faults(&under(9).await.expect(422)), [("/parent_id", "too-deep")]);
        under(8).await.expect(200);
        // On the days on which it was flatter it may be.
        client.patch(&at(&lower[0]), "*", &json!({ "parent_id": null })).await.expect(200);
        let link = json!({ "parent_id": upper[9].id, "from": "2020-01-01", "until": "2021-01-01" });
        client.post(&format!("{}/links", at(&lower[0])), &link).await.expect(201);
    }

    async fn a_merge_makes_nobody_too_deep(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&["customers:read", "customers:write", "customers:merge"]);
        let (upper, lower) = (line(&client, "U", 12).await, line(&client, "L", 11).await);
        let body = json!({ "merged_id": lower[0].id });
        let refused = merge(&client, &upper[11], "*", body.clone()).await.expect(422);
        assert_eq!(faults(&refused), [("/merged_id", "too-deep")]);
        merge(&client, &upper[10], "*", body).await.expect(201);
        assert_eq!(hierarchy(&client, &upper[0], "?depth=0").await.nodes[0].total.customers, 22);
    }

    /// Lines are built from both ends, under what is stored and above it, and what was built is moved again.
    async fn a_dry_run_finds_the_same_too_deep_as_the_import(db: TestDb) {
        let (_app, client) = start(db).await;
        let key = |id: &str| json!([{ "system": "erp", "id": id }]);
        let top = create(&client, json!({ "name": "U0", "external_ids": key("U0") })).await;
        let below = create(&client, json!({ "name": "U1", "parent_id": top.id })).await;
        create(&client, json!({ "name": "U2", "parent_id": below.id })).await;
        let mid = create(&client, json!({ "name": "Mid", "external_ids": key("Mid") })).await;
        create(&client, json!({ "name": "Leaf", "parent_id": mid.id })).await;

        let down = (0..19).map(|n| (format!("N{n}"), if n == 0 { "U2".to_owned() } else { format!("N{}", n - 1) }));
        // More rows than parents are found for at once.
        let flat = (0..200).map(|n| (format!("F{n}"), String::new()));
        let up = (0..22).map(|n| (format!("M{n}"), if n == 21 { String::new() } else { format!("M{}", n + 1) }));
        let moves = [
            ("Mid", "N16"), ("Mid", "N15"), ("End", "Leaf"), ("U0", "N3"), ("N10", "F0"), ("Deep", "N17"), ("U0", "M20"),
            ("F1", "N9"), ("M20", "N10"), ("N0", "U0"),
        ];
        let moves = moves.map(|(name, parent)| (name.to_owned(), parent.to_owned()));
        let rows = down.chain(flat).chain(up).chain(moves);
        let rows: String = rows.map(|(name, parent)| format!("{name},{name},{parent}\n")).collect();
        let file = format!("name,external_id,parent\n{rows}");

        let dry = import(&client, "&system=erp&dry_run=true", file.clone()).await;
        assert_eq!(counts(&dry), [251, 243, 5, 3, 0, 6]);
        let told_dry = told(&client, &dry).await;
        let faulty = told_dry.iter().filter(|row| row[2][0].is_object());
        let fault = |row: &Value| {
            let parts = [&row[3], &row[2][0]["pointer"], &row[2][0]["code"]];
            parts.map(|part| part.as_str().unwrap_or("?")).join(" ")
        };
        assert_eq!(faulty.map(fault).collect::<Vec<_>>(), [
            "N18 /parent_id too-deep", "M20 /parent_id too-deep", "Mid /parent_id too-deep", "End /parent_id too-deep",
            "U0 /parent_id hierarchy-cycle", "M20 /parent_id too-deep",
        ]);

        let real = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&real), counts(&dry));
        assert_eq!(told(&client, &real).await, told_dry);
    }

    async fn a_group_of_any_size_is_summed_up(db: TestDb) {
        let (app, client) = start(db).await;
        let group = create(&client, json!({ "name": "Group", "tier": "S" })).await;
        let revenue = json!({ "amount": "1.50", "currency": "EUR" });
        let site = create(&client, json!({ "name": "Site", "parent_id": group.id, "annual_revenue": revenue })).await;
        let desk = create(&client, json!({ "name": "Desk", "parent_id": site.id, "tier": "A" })).await;
        person(&client, &desk, "Li").await;
        multiply(&app, &site, 5_000).await;
        assert_eq!(client.get(&format!("{}/hierarchy", at(&group))).await.problem(), (422, "hierarchy-too-large"));
        let shown = hierarchy(&client, &group, "?depth=0").await;
        let [group_alone] = shown.nodes.as_slice() else { panic!("{shown:?}") };
        let total: Value = serde_json::to_value(&group_alone.total).expect("JSON");
        assert_eq!(
            total,
            json!({
                "customers": 5_003, "by_tier": { "S": 1, "A": 1, "B": 0, "C": 5_001 }, "contacts": 1,
                "annual_revenue": [{ "amount": "7501.50", "currency": "EUR" }],
            })
        );
    }

    async fn what_is_deeper_than_listed_counts_for_the_last_that_is(db: TestDb) {
        let (app, client) = start(db).await;
        let line = line(&client, "L", 5).await;
        let branch = create(&client, json!({ "name": "Branch", "parent_id": line[1].id })).await;
        for customer in [&line[4], &branch] {
            person(&client, customer, "Li").await;
        }
        // Whoever was erased counts no more.
        let gone = person(&client, &branch, "Wang").await;
        let officer = app.client_as(caller("officer", &["privacy:manage"]));
        let erasure = officer.request(Method::POST, &format!("{CONTACTS}/{}/erasure", gone.id)).header(IF_MATCH, "*");
        officer.send(erasure.json(&json!({ "reason": "Case 4711" }))).await.expect(200);
        for (depth, expected) in [(0, "L0:6:2"), (1, "L0:6:2 L1:5:2"), (2, "L0:6:2 L1:5:2 Branch:1:1 L2:3:1")] {
            let shown = hierarchy(&client, &line[0], &format!("?depth={depth}")).await;
            let node = |node: &registry_contract::HierarchyNode| {
                format!("{}:{}:{}", node.member.name, node.total.customers, node.total.contacts)
            };
            assert_eq!(shown.nodes.iter().map(node).collect::<Vec<_>>().join(" "), expected);
        }
    }
}
