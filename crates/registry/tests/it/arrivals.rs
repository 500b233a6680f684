//! Customers that come many at once: found and compared soon, whatever happens to them before.

use std::fmt::Write;

use database::Backend;
use registry_contract::ImportState;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, IMPORTS, create, emptied, import, run, start, until};

/// More than are found at once, the last two of one name.
fn file(rows: usize) -> String {
    let mut file = String::from("external_id,name\n");
    for row in 0..rows {
        writeln!(file, "{row:05},南山{}号酒店", if row + 1 == rows { row - 1 } else { row })
            .expect("a string takes everything");
    }
    file
}

/// How many customers are found.
async fn found(client: &Client, q: &str) -> Value {
    client.get(&format!("{CUSTOMERS}?q={q}&limit=1&count=exact")).await.expect(200)["count"].clone()
}

both! {
    async fn each_of_many_is_found_and_compared(db: TestDb) {
        let (app, client) = start(db).await;
        let taken = import(&client, "&system=erp", file(60)).await;
        assert_eq!((taken.state, taken.created), (ImportState::Completed, 60));
        emptied(&app, "search_queue").await;
        emptied(&app, "duplicate_queue").await;
        for (q, expected) in [("ns7hjd", 1), ("南山58号", 2), ("酒店", 60)] {
            assert_eq!(found(&client, q).await, expected, "{q}");
        }
        assert_eq!(client.count("/api/v1/duplicates").await, 1);
    }

    async fn one_that_was_taken_back_before_leaves_nothing_to_do(db: TestDb) {
        let (app, client) = start(db).await;
        create(&client, json!({ "name": "Acme" })).await;
        let taken = import(&client, "&system=erp", file(60)).await;
        client.post(&format!("{IMPORTS}/{}/revert", taken.id), &json!({})).await.expect(202);
        let done = until(&client, &taken, |import| import.state.is_final()).await;
        assert_eq!((done.state, done.reverted), (ImportState::Reverted, 60));
        // As the import leaves it, had nobody come to it before.
        let gone = match app.db.backend() {
            Backend::Postgres => "uuid_send(gen_random_uuid())",
            Backend::Sqlite => "randomblob(16)",
        };
        let mut tx = app.context().db.begin().await.expect("a transaction");
        run(&mut tx, &format!("INSERT INTO arrivals (customer_ids) VALUES ({gone})")).await;
        tx.commit().await.expect("a commit");
        emptied(&app, "search_queue").await;
        emptied(&app, "duplicate_queue").await;
        assert_eq!((found(&client, "酒店").await, found(&client, "acme").await), (json!(0), json!(1)));
    }
}

mod postgres {
    use testkit::{App, TestDb, eventually};

    use super::*;

    async fn asked(app: &App, sql: &str) -> String {
        crate::merges::lines(&app.db, sql.to_owned(), String::new()).await.join(" ")
    }

    async fn are_found(client: &Client, expected: i64) {
        eventually(async || match found(client, "酒店").await {
            count if count == expected => Ok(()),
            other => Err(other),
        })
        .await;
    }

    /// Who is being changed holds up none of the others, and is queued when he is let go.
    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_being_changed_comes_later() {
        let (app, client) = start(TestDb::postgres().await).await;
        import(&client, "&system=erp", file(60)).await;
        are_found(&client, 60).await;
        emptied(&app, "duplicate_queue").await;
        let mut tx = app.context().db.begin().await.expect("a transaction");
        run(&mut tx, "SELECT 1 FROM customers WHERE name = '南山7号酒店' FOR NO KEY UPDATE").await;
        let mut again = app.context().db.begin().await.expect("a transaction");
        run(&mut again, "DELETE FROM search_terms").await;
        run(&mut again, "INSERT INTO arrivals (customer_ids) SELECT string_agg(uuid_send(id), '') FROM customers")
            .await;
        again.commit().await.expect("a commit");
        are_found(&client, 59).await;
        // Nothing is written for him meanwhile, however often somebody looks.
        for _ in 0..3 {
            create(&client, json!({ "name": "Acme" })).await;
            eventually(async || {
                match asked(&app, "SELECT count(*)::text AS line FROM duplicate_queue").await.as_str() {
                    "0" => Ok(()),
                    other => Err(other.to_owned()),
                }
            })
            .await;
        }
        // One of the import, one of all, one of him.
        assert_eq!(asked(&app, "SELECT position::text AS line FROM arrivals").await, "3");
        tx.commit().await.expect("a commit");
        are_found(&client, 60).await;
        emptied(&app, "duplicate_queue").await;
    }
}
