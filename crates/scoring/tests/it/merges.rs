use interactions_contract::v1::{InteractionAmended, InteractionFact, InteractionLogged};
use registry_contract::v1::{
    CustomerCreated, CustomerFact, CustomerMerged, CustomerUnmerged, CustomerWithdrawn, MergeFact,
};
use registry_contract::{CustomerId, MergeId};
use scoring_contract::Score;
use serde_json::json;
use testkit::{App, both, eventually};

use crate::support::{customer, introduce, path, settled, start, visit};

fn told(merged: CustomerId, survivor: CustomerId, sequence: i64) -> MergeFact {
    MergeFact { merge_id: MergeId::new(), merged_id: merged, survivor_id: survivor, sequence }
}

async fn merge(app: &App, merged: CustomerId, survivor: CustomerId, sequence: i64) {
    app.deliver(&CustomerMerged(told(merged, survivor, sequence))).await;
}

async fn unmerge(app: &App, merged: CustomerId, survivor: CustomerId, sequence: i64) {
    app.deliver(&CustomerUnmerged(told(merged, survivor, sequence))).await;
}

both! {
    async fn a_merged_customer_has_the_survivors_score_until_it_is_itself_again(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (customer("C-000001"), customer("C-000002"));
        introduce(&app, &one, 0).await;
        introduce(&app, &two, 0).await;
        let logged = visit(one.customer_id, 1, &[]);
        app.deliver(&InteractionLogged(logged.clone())).await;
        let before = settled(&client, one.customer_id).await;
        assert_eq!(before.inputs.interactions, 1);

        merge(&app, one.customer_id, two.customer_id, 2).await;
        let moved = InteractionFact { customer_id: two.customer_id, sequence: 2, ..logged.clone() };
        app.deliver(&InteractionAmended(moved)).await;
        let joined = settled(&client, one.customer_id).await;
        assert_eq!((joined.customer_id, joined.inputs.interactions), (two.customer_id, 1));
        assert_eq!(client.get("/api/v1/customers/C-000001/score").await.read::<Score>(200).customer_id, two.customer_id);
        assert_eq!(client.count("/api/v1/scores").await, 1);

        unmerge(&app, one.customer_id, two.customer_id, 3).await;
        app.deliver(&InteractionAmended(InteractionFact { sequence: 3, ..logged })).await;
        let again = settled(&client, one.customer_id).await;
        assert_eq!((again.customer_id, again.inputs.interactions), (one.customer_id, 1));
        assert_eq!(client.count("/api/v1/scores").await, 2);
        assert_eq!(client.get(&path(two.customer_id)).await.read::<Score>(200).inputs.interactions, 0);
    }

    async fn a_withdrawn_customer_has_no_score_any_more(db: TestDb) {
        let (app, client) = start(db).await;
        let (stays, goes) = (customer("C-000001"), customer("C-000002"));
        introduce(&app, &stays, 0).await;
        introduce(&app, &goes, 0).await;
        settled(&client, goes.customer_id).await;
        settled(&client, stays.customer_id).await;
        app.deliver(&CustomerWithdrawn(CustomerFact { sequence: 2, ..goes.clone() })).await;
        eventually(|| async {
            let left = client.count("/api/v1/scores").await;
            if left == 1 { Ok(()) } else { Err(left) }
        })
        .await;
        // What is told late does not bring it back.
        app.deliver(&CustomerCreated(goes.clone())).await;
        let unknown = client.post("/api/v1/rescoring", &json!({ "customer_ids": [goes.customer_id] })).await;
        assert_eq!(unknown.status, 422);
        assert_eq!(client.get("/api/v1/customers/C-000002/score").await.status, 404);
        assert_eq!(client.get(&path(stays.customer_id)).await.status, 200);
    }
}
