use interactions_contract::Interaction;
use interactions_contract::v1::{INTERACTION_AMENDED, InteractionAmended};
use registry_contract::CustomerId;
use registry_contract::v1::{CustomerCreated, CustomerFact, CustomerWithdrawn};
use serde_json::json;
use testkit::{Client, both};

use crate::support::{PATH, customer, introduce, merge, start, unmerge, visit};

async fn log(client: &Client, customer: &str) -> Interaction {
    client.post(PATH, &visit(customer)).await.read(201)
}

async fn whose(client: &Client, interaction: &Interaction) -> CustomerId {
    client.get(&format!("{PATH}/{}", interaction.id)).await.read::<Interaction>(200).customer_id
}

both! {
    async fn what_was_merged_goes_along_and_comes_back(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let (old, other) = (log(&client, "C-000001").await, log(&client, "C-000002").await);
        let tap = app.bus.tap(&[INTERACTION_AMENDED]).await;
        merge(&app, one, two, 2).await;
        merge(&app, one, two, 2).await;
        assert_eq!((whose(&client, &old).await, whose(&client, &other).await), (two, two));
        // Under the old code and the old id alike.
        let late = log(&client, "C-000001").await;
        assert_eq!((late.customer_id, log(&client, &one.to_string()).await.customer_id), (two, two));
        for asked in ["C-000001".to_owned(), one.to_string(), two.to_string()] {
            let all = client.get(&format!("{PATH}?customer_id={asked}&count=exact")).await.expect(200);
            assert_eq!(all["count"], 4, "{asked}");
        }

        unmerge(&app, one, two, 3).await;
        assert_eq!((whose(&client, &old).await, whose(&client, &other).await), (one, two));
        // What came in between was the survivor's.
        assert_eq!(whose(&client, &late).await, two);
        app.drain_outbox().await;
        let amended: Vec<_> = tap.events::<InteractionAmended>().await.into_iter().map(|event| (event.0.customer_id, event.0.sequence)).collect();
        assert_eq!(amended, [(two, 2), (one, 3)]);
    }

    async fn a_merge_told_of_before_its_customer_counts_for_what_is_new(db: TestDb) {
        let (app, client) = start(db).await;
        let two = introduce(&app, "C-000002").await;
        let fact = customer("C-000001");
        merge(&app, fact.customer_id, two, 2).await;
        let new = log(&client, &fact.customer_id.to_string()).await;
        assert_eq!(new.customer_id, two);
        app.deliver(&CustomerCreated(fact)).await;
        assert_eq!((whose(&client, &new).await, log(&client, "C-000001").await.customer_id), (two, two));
    }

    async fn a_late_merge_is_no_news_after_its_undoing(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let old = log(&client, "C-000001").await;
        unmerge(&app, one, two, 3).await;
        merge(&app, one, two, 2).await;
        assert_eq!(whose(&client, &old).await, one);
    }

    async fn merges_of_merges_end_alike_in_either_order(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two, three) =
            (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await, introduce(&app, "C-000003").await);
        let (first, second) = (log(&client, "C-000001").await, log(&client, "C-000002").await);
        merge(&app, two, three, 2).await;
        merge(&app, one, two, 2).await;
        assert_eq!((whose(&client, &first).await, whose(&client, &second).await), (three, three));
        unmerge(&app, two, three, 3).await;
        assert_eq!((whose(&client, &first).await, whose(&client, &second).await), (two, two));
        unmerge(&app, one, two, 3).await;
        assert_eq!((whose(&client, &first).await, whose(&client, &second).await), (one, two));
    }

    async fn what_somebody_gave_to_another_since_stays_there(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let three = introduce(&app, "C-000003").await;
        let old = log(&client, "C-000001").await;
        merge(&app, one, two, 2).await;
        client.patch(&format!("{PATH}/{}", old.id), "*", &json!({"customer_id": three})).await.expect(200);
        unmerge(&app, one, two, 3).await;
        assert_eq!(whose(&client, &old).await, three);
    }

    async fn what_somebody_gave_to_another_follows_its_new_customers_merges(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let (three, four) = (introduce(&app, "C-000003").await, introduce(&app, "C-000004").await);
        let old = log(&client, "C-000001").await;
        merge(&app, one, two, 2).await;
        client.patch(&format!("{PATH}/{}", old.id), "*", &json!({"customer_id": three})).await.expect(200);
        merge(&app, three, four, 2).await;
        assert_eq!(whose(&client, &old).await, four);
        // The first merge's undoing takes nothing back, the second one's does.
        unmerge(&app, one, two, 3).await;
        assert_eq!(whose(&client, &old).await, four);
        unmerge(&app, three, four, 3).await;
        assert_eq!(whose(&client, &old).await, three);
    }

    async fn what_somebody_gave_to_another_is_not_taken_along_by_its_first_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let three = introduce(&app, "C-000003").await;
        let (old, other) = (log(&client, "C-000001").await, log(&client, "C-000001").await);
        merge(&app, one, two, 2).await;
        client.patch(&format!("{PATH}/{}", old.id), "*", &json!({"customer_id": three})).await.expect(200);
        // Its first customer becomes the one it was given to, and is no longer.
        merge(&app, two, three, 2).await;
        unmerge(&app, two, three, 3).await;
        assert_eq!((whose(&client, &old).await, whose(&client, &other).await), (three, two));
        unmerge(&app, one, two, 3).await;
        assert_eq!((whose(&client, &old).await, whose(&client, &other).await), (three, one));
    }

    async fn a_withdrawn_customer_is_not_known_any_more(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        app.deliver(&CustomerCreated(fact.clone())).await;
        let old = log(&client, "C-000001").await;
        app.deliver(&CustomerWithdrawn(CustomerFact { sequence: 2, ..fact.clone() })).await;
        app.deliver(&CustomerCreated(fact.clone())).await;
        client.post(PATH, &visit("C-000001")).await.expect(422);
        // What was logged stays where it is; nothing is lost.
        assert_eq!(whose(&client, &old).await, fact.customer_id);
    }
}
