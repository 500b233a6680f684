//! Imports as work of their own: rehearsed, followed, stopped, and gone on with by another worker.

use chrono::{TimeDelta, Utc};
use database::{Instant, on};
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use interactions_contract::PromiseState;
use interactions_contract::v1::{PromiseChanged, PromiseFact};
use registry_contract::{Customer, Import, ImportState};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{App, Client, TestDb, both};
use uuid::Uuid;

use crate::support::{CUSTOMERS, IMPORTS, counts, create, import, read_import, send_file, start, until, user};

fn long_file(rows: usize) -> String {
    std::iter::once("name,external_id\n".to_owned()).chain((0..rows).map(|n| format!("N{n},{n}\n"))).collect()
}

fn client(app: &App) -> Client {
    app.client(&["customers:read", "customers:write", "imports:write"])
}

/// As a killed worker would have left the only import, which was to be taken up so often: held, and not renewed.
async fn leave_dead(db: &TestDb, attempts: i32) {
    let past = Instant::from(Utc::now() - TimeDelta::hours(1));
    let held = format!("UPDATE import_jobs SET lease = import_id, leased_until = $1, attempts = {attempts}");
    let mut tx = db.begin().await.expect("a transaction");
    let held =
        on!(tx, |c| { diesel::sql_query(held).bind::<database::sql_types::SqlInstant, _>(past).execute(c).await });
    assert_eq!(held.expect("an update"), 1, "the import was not at its end");
    tx.commit().await.expect("a commit");
}

both! {
    async fn another_worker_goes_on_behind_the_last_batch(db: TestDb) {
        const ROWS: usize = 12_000;
        let (app, client) = start(db).await;
        let begun: Import = send_file(&client, "&system=erp&wait=false", long_file(ROWS)).await.read(202);
        let midway = until(&client, &begun, |import| import.rows > 0).await;
        assert_eq!((midway.state, midway.total_rows), (ImportState::Running, Some(ROWS as i64)));
        let (db, bus) = app.stop().await;

        leave_dead(&db, 1).await;
        let app = App::start_with(&registry::SERVICE, db, bus, |_| {}).await;
        let client = self::client(&app);
        let done = until(&client, &begun, |import| import.state.is_final()).await;
        let all = ROWS as i64;
        assert_eq!((done.state, counts(&done)), (ImportState::Completed, [all, all, 0, 0, 0, 0]));
        assert_eq!(client.count(CUSTOMERS).await, all);
        assert_eq!(client.count(&format!("{IMPORTS}/{}/rows", done.id)).await, all);
    }

    async fn an_import_that_kills_its_workers_is_given_up(db: TestDb) {
        let (app, client) = start(db).await;
        let begun: Import = send_file(&client, "&system=erp&wait=false", long_file(12_000)).await.read(202);
        until(&client, &begun, |import| import.rows > 0).await;
        let (db, bus) = app.stop().await;
        leave_dead(&db, 5).await;
        let app = App::start_with(&registry::SERVICE, db, bus, |_| {}).await;
        let client = self::client(&app);
        let given_up = until(&client, &begun, |import| import.state.is_final()).await;
        let fault = format!("the product failed 5 times in a row after {} rows; what it took stays", given_up.rows);
        assert_eq!((given_up.state, given_up.fault), (ImportState::Failed, Some(fault)));
        assert!(given_up.rows < 12_000);
        assert_eq!(client.count(CUSTOMERS).await, given_up.created);
    }

    async fn an_import_is_stopped_between_batches(db: TestDb) {
        let (_app, client) = start(db).await;
        let begun: Import = send_file(&client, "&wait=false&system=erp", long_file(12_000)).await.read(202);
        until(&client, &begun, |import| import.rows > 0).await;
        let cancel = format!("{IMPORTS}/{}/cancel", begun.id);
        client.post(&cancel, &json!({})).await.expect(202);
        let stopped = until(&client, &begun, |import| import.state.is_final()).await;
        assert_eq!(stopped.state, ImportState::Cancelled);
        assert!(stopped.rows < 12_000 && stopped.rows == stopped.created, "{stopped:?}");
        assert_eq!(client.count(CUSTOMERS).await, stopped.created);
        assert_eq!(client.post(&cancel, &json!({})).await.problem(), (409, "import-ended"));
    }

    async fn a_dry_run_tells_the_same_and_writes_nothing(db: TestDb) {
        let (_app, client) = start(db).await;
        let key = |id: &str| json!([{ "system": "erp", "id": id }]);
        create(&client, json!({ "name": "Old", "external_ids": key("1") })).await;
        create(&client, json!({ "name": "Same", "external_ids": key("2") })).await;
        let file = "name,external_id,phone,parent\nNew name,1,,\nSame,2,,\nFresh,3,,Root\nFresh,3,0755-1,\nBad,4,none,\nRoot,5,,\nLost,6,,Nowhere\n";
        let dry = import(&client, "&system=erp&dry_run=true", file).await;
        assert!(dry.dry_run);
        assert_eq!(counts(&dry), [7, 3, 2, 1, 1, 1]);
        assert_eq!(client.count(CUSTOMERS).await, 2);
        let old: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((old.name.as_str(), old.version), ("Old", 1));

        let real = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&real), counts(&dry));
        let rows = async |import: &Import| {
            let page = client.get(&format!("{IMPORTS}/{}/rows", import.id)).await.expect(200);
            let told = |row: &Value| (row["row"].clone(), row["outcome"].clone(), row["errors"].clone());
            page["items"].as_array().expect("items").iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(rows(&real).await, rows(&dry).await);
        assert_eq!(client.count(CUSTOMERS).await, 5);
    }

    async fn rows_may_be_known_by_their_code(db: TestDb) {
        let (_app, client) = start(db).await;
        create(&client, json!({ "name": "Old" })).await;
        let file = "code,name\nc-000001,New name\n,Fresh\nC-000099,Nobody\n";
        assert_eq!(counts(&import(&client, "&match=code", file).await), [3, 1, 1, 0, 1, 0]);
        let old: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!(old.name, "New name");
        let refused = send_file(&client, "&match=code", "name\nA\n").await.expect(422);
        assert_eq!(refused["errors"][0]["code"], "code-unmapped");
    }

    async fn rows_may_be_known_by_their_identifier(db: TestDb) {
        let (_app, client) = start(db).await;
        let number = |kind: &str, value: &str| json!({ "type": kind, "value": value });
        let old = create(&client, json!({ "name": "Old", "identifiers": [number("uscc", "91440300708461136T")] })).await;
        create(&client, json!({ "name": "Other", "identifiers": [number("duns", "123456789")] })).await;
        let file = "name,统一社会信用代码,duns,identifier.other.us_ein\n\
                    New name,9144 0300-7084 61136t,,12-3456789\n\
                    Fresh,,987654321,\n\
                    Fresh again,,98-765-4321,\n\
                    Both,91440300708461136T,123456789,\n\
                    Wrong,91440300708461136X,,\n";
        let dry = import(&client, "&match=identifier&dry_run=true", file).await;
        assert_eq!(counts(&dry), [5, 1, 2, 0, 2, 0]);
        let real = import(&client, "&match=identifier", file).await;
        assert_eq!(counts(&real), counts(&dry));
        let old: Customer = client.get(&format!("{CUSTOMERS}/{}", old.id)).await.read(200);
        let numbers: Vec<_> = old.identifiers.iter().map(|one| one.value.as_str()).collect();
        assert_eq!((old.name.as_str(), numbers), ("New name", vec!["12-3456789", "91440300708461136T"]));
        let rows = client.get(&format!("{IMPORTS}/{}/rows?outcome=failed", real.id)).await.expect(200);
        let told = |row: &Value| (row["errors"][0]["pointer"].clone(), row["errors"][0]["code"].clone());
        let told: Vec<_> = rows["items"].as_array().expect("items").iter().map(told).collect();
        assert_eq!(
            told,
            [
                (json!("/identifiers"), json!("identifiers-differ")),
                (json!("/identifiers/0/value"), json!("bad-check-digit"))
            ]
        );
        let refused = send_file(&client, "&match=identifier", "name,eu_vat\nA,\n").await.expect(422);
        assert_eq!(refused["errors"][0]["code"], "identifier-unmapped");
        // All of it can be taken back, numbers included.
        client.post(&format!("{IMPORTS}/{}/revert", real.id), &json!({})).await.expect(202);
        let done = until(&client, &real, |import| import.state.is_final()).await;
        assert_eq!((done.state, done.kept), (ImportState::Reverted, 0));
        let old: Customer = client.get(&format!("{CUSTOMERS}/{}", old.id)).await.read(200);
        assert_eq!((old.name.as_str(), old.identifiers.len()), ("Old", 1));
        create(&client, json!({ "name": "Free", "identifiers": [number("duns", "987654321")] })).await;
    }

    async fn an_import_is_taken_back_as_far_as_nobody_has_touched_it(db: TestDb) {
        let (app, client) = start(db).await;
        let keys = |id: &str| json!([{ "system": "erp", "id": id }]);
        let old = create(&client, json!({ "name": "Old", "phone": "0755-1", "external_ids": keys("1") })).await;
        create(&client, json!({ "name": "Old too", "external_ids": keys("2") })).await;
        let file = "name,external_id,phone,parent\nOld,1,0755-2,\nNew too,2,,\nLeaf,3,,Root\nRoot,4,,\nChanged,5,,\nMet,6,,\nRoot,4,0755-4,\n";
        let taken = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&taken), [7, 4, 3, 0, 0, 0]);
        let code = async |code: &str| client.get(&format!("{CUSTOMERS}/{code}")).await;
        client.patch(&format!("{CUSTOMERS}/C-000002"), "*", &json!({ "name": "Changed since" })).await.expect(200);
        client.patch(&format!("{CUSTOMERS}/C-000005"), "*", &json!({ "name": "Changed since" })).await.expect(200);
        let met: Customer = code("C-000006").await.read(200);
        let contacts = app.client(&["contacts:write"]);
        let contact = json!({ "customer_id": met.id, "name": "Li Wei" });
        contacts.post("/api/v1/contacts", &contact).await.expect(201);

        let revert = format!("{IMPORTS}/{}/revert", taken.id);
        assert_eq!(client.post(&revert, &json!({})).await.read::<Import>(202).state, ImportState::Reverting);
        let done = until(&client, &taken, |import| import.state.is_final()).await;
        assert_eq!((done.state, done.reverted, done.kept), (ImportState::Reverted, 4, 3));
        let now: Customer = code("C-000001").await.read(200);
        assert_eq!((now.phone, now.version), (old.phone, 3), "it has its former values");
        let names = client.get(&format!("{CUSTOMERS}?sort=code")).await.expect(200);
        let names: Vec<_> = names["items"].as_array().expect("items").iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["Old", "Changed since", "Changed since", "Met"]);
        let kept = client.get(&format!("{IMPORTS}/{}/rows?outcome=kept", taken.id)).await.expect(200);
        let kept: Vec<_> = kept["items"].as_array().expect("items").iter().map(|row| row["row"].as_i64()).collect();
        assert_eq!(kept, [Some(3), Some(6), Some(7)]);
        assert_eq!(client.post(&revert, &json!({})).await.problem(), (409, "nothing-to-revert"));
    }

    async fn a_customer_in_use_is_kept_and_so_is_what_it_belongs_to(db: TestDb) {
        let (app, client) = start(db).await;
        let file = "name,external_id,parent,tier\nLeaf,1,Root,\nRoot,2,,\nOwed,3,,\nFree,4,Stem,\nStem,5,,\nTiered,6,,C\nTiered,6,,A\n";
        let taken = import(&client, "&system=erp", file).await;
        assert_eq!(counts(&taken), [7, 6, 1, 0, 0, 0]);
        let code = async |code: &str| client.get(&format!("{CUSTOMERS}/{code}")).await.read::<Customer>(200);
        let (leaf, root) = (code("C-000001").await, code("C-000002").await);
        for (customer, state) in [(&leaf, PromiseState::Open), (&code("C-000003").await, PromiseState::Kept)] {
            let (promise_id, customer_id) = (Uuid::now_v7().into(), customer.id);
            let fact = PromiseFact { promise_id, customer_id, sequence: 1, owner: None, due_at: None, state };
            app.deliver(&PromiseChanged(fact)).await;
        }
        // What somebody has turned down is his, and stays.
        let asked = client.get("/api/v1/tier-proposals?state=open").await.expect(200);
        let decisions = format!("/api/v1/tier-proposals/{}/decisions", asked["items"][0]["id"].as_str().expect("an id"));
        let no = json!({ "verdict": "reject", "reason": "too small" });
        user(&app, 2).post(&decisions, &no).await.expect(200);

        client.post(&format!("{IMPORTS}/{}/revert", taken.id), &json!({})).await.expect(202);
        let done = until(&client, &taken, |import| import.state.is_final()).await;
        assert_eq!((done.state, done.reverted, done.kept), (ImportState::Reverted, 2, 5));
        let kept = client.get(&format!("{IMPORTS}/{}/rows?outcome=kept", taken.id)).await.expect(200);
        let told = |row: &Value| (row["row"].as_i64(), row["errors"][0]["code"].clone());
        let kept: Vec<_> = kept["items"].as_array().expect("items").iter().map(told).collect();
        assert_eq!(kept, [2, 3, 4, 7, 8].map(|row| (Some(row), json!("in-use"))));
        let still = code("C-000001").await;
        assert_eq!((still.parent_id, still.version), (Some(root.id), leaf.version));
        assert_eq!(client.count(CUSTOMERS).await, 4);
    }

    async fn a_dry_run_too_long_for_memory_is_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let file = format!("name\n{}", "N\n".repeat(200_001));
        let refused = import(&client, "&dry_run=true", file).await;
        let fault = "a dry run takes 200000 rows at most; send the file in parts";
        assert_eq!((refused.state, refused.fault.as_deref(), refused.rows), (ImportState::Broken, Some(fault), 0));
    }

    async fn progress_is_told_live_and_to_the_end(db: TestDb) {
        let (_app, client) = start(db).await;
        let begun: Import = send_file(&client, "&wait=false", long_file(3_000)).await.read(202);
        let told = client.send(client.request(Method::GET, &format!("{IMPORTS}/{}/progress", begun.id))).await;
        assert_eq!((told.status, told.header("content-type")), (200, Some("text/event-stream")));
        let text = told.body.as_str().expect("text");
        let events: Vec<Import> = text
            .split_terminator("\n\n")
            .map(|event| event.strip_prefix("event: progress\ndata: ").expect("an event of progress"))
            .map(|data| serde_json::from_str(data).expect("an import"))
            .collect();
        assert!(events.is_sorted_by(|one, next| one.version < next.version && one.rows <= next.rows), "{text}");
        assert_eq!(events.last().expect("an event"), &read_import(&client, &begun).await);
        assert_eq!(counts(&read_import(&client, &begun).await), [3000, 3000, 0, 0, 0, 0]);
    }

    async fn no_file_and_no_job_outlives_its_import(db: TestDb) {
        #[derive(diesel::QueryableByName)]
        struct Left {
            #[diesel(sql_type = BigInt)]
            count: i64,
            #[diesel(sql_type = Text)]
            name: String,
        }
        let (app, client) = start(db).await;
        import(&client, "", "name\nA\n").await;
        import(&client, "", "name\n").await;
        send_file(&client, "", "firm\nA\n").await.expect(422);
        let mut conn = app.db.read().await.expect("a connection");
        let left: Vec<Left> = on!(conn, |c| {
            diesel::sql_query(
                "SELECT 'pieces' AS name, count(*) AS count FROM import_pieces
                 UNION ALL SELECT 'jobs' AS name, count(*) AS count FROM import_jobs",
            )
            .load(c)
            .await
        })
        .expect("counts");
        assert!(left.iter().all(|left| left.count == 0), "{:?}", left.iter().map(|left| &left.name).collect::<Vec<_>>());
    }
}
