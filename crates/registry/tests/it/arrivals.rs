//! Customers that come many at once: found and compared soon, whatever happens to them before.

use std::fmt::Write;

use registry_contract::ImportState;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, IMPORTS, at, create, emptied, import, start, until};

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
        let stays = create(&client, json!({ "name": "Acme" })).await;
        // While an import goes ahead, what follows from it waits.
        let ahead = app.db.begin_bulk();
        let taken = import(&client, "&system=erp", file(60)).await;
        client.post(&format!("{IMPORTS}/{}/revert", taken.id), &json!({})).await.expect(202);
        let done = until(&client, &taken, |import| import.state.is_final()).await;
        assert_eq!((done.state, done.reverted), (ImportState::Reverted, 60));
        drop(ahead);
        emptied(&app, "search_queue").await;
        emptied(&app, "duplicate_queue").await;
        assert_eq!((found(&client, "酒店").await, found(&client, "acme").await), (json!(0), json!(1)));
        client.get(&at(&stays)).await.expect(200);
    }
}

mod postgres {
    use testkit::{TestDb, eventually};

    use super::*;

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
        let ahead = app.db.begin_bulk();
        import(&client, "&system=erp", file(60)).await;
        let mut tx = app.db.begin().await.expect("a transaction");
        let held = "SELECT 1 FROM customers WHERE name = '南山7号酒店' FOR NO KEY UPDATE";
        crate::support::run(&mut tx, held).await;
        drop(ahead);
        // Any commit wakes the workers.
        create(&client, json!({ "name": "Acme" })).await;
        are_found(&client, 59).await;
        tx.commit().await.expect("a commit");
        are_found(&client, 60).await;
        emptied(&app, "duplicate_queue").await;
    }
}
