use complaints_contract::v1::{SIGNAL_CHANGED, SignalChanged};
use complaints_contract::{Complaint, SignalState, Verdict};
use registry_contract::v1::{CustomerMerged, CustomerUnmerged, MergeFact};
use registry_contract::{CustomerId, MergeId};
use sales_contract::v1::InvoiceChanged;
use serde_json::json;
use testkit::both;

use super::{SIGNALS, introduce, invoice, judge, look, overdue, signals, start_still};

fn told(merged: CustomerId, survivor: CustomerId, sequence: i64) -> MergeFact {
    MergeFact { merge_id: MergeId::new(), merged_id: merged, survivor_id: survivor, sequence }
}

both! {
    async fn signals_and_facts_go_along_with_a_merge_and_come_back(db: TestDb) {
        let (app, client) = start_still(db).await;
        let (old, own) = (overdue(&app, &client, "C-000001").await, overdue(&app, &client, "C-000002").await);
        let (one, two) = (old.customer_id, own.customer_id);
        app.drain_outbox().await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        app.deliver(&CustomerMerged(told(one, two, 2))).await;
        // One stands, and sees the facts of both.
        let followed = signals(&client, one).await;
        assert_eq!(followed, signals(&client, two).await);
        assert!(followed.iter().all(|signal| signal.customer_id == two), "{followed:?}");
        look(&app, 0).await;
        let states = async |customer| {
            let mut states: Vec<_> = signals(&client, customer).await.into_iter().map(|signal| (signal.id, signal.state, signal.measured)).collect();
            states.sort_unstable_by_key(|(id, ..)| *id);
            states
        };
        assert_eq!(states(two).await, [(old.id, SignalState::Superseded, 40), (own.id, SignalState::Open, 80)]);
        let refused = client.post(&format!("{SIGNALS}/{}/verdict", old.id), &json!({"verdict": "true"})).await;
        assert_eq!(refused.problem(), (409, "signal-settled"));
        // What is told of the merged one is the survivor's.
        app.deliver(&InvoiceChanged(invoice(one, 11))).await;
        look(&app, 0).await;
        assert_eq!(states(two).await[1], (own.id, SignalState::Open, 90));
        app.deliver(&CustomerMerged(told(one, two, 2))).await;

        app.deliver(&CustomerUnmerged(told(one, two, 3))).await;
        look(&app, 0).await;
        assert_eq!(states(one).await, [(old.id, SignalState::Open, 50)]);
        assert_eq!(states(two).await, [(own.id, SignalState::Open, 40)]);
        app.drain_outbox().await;
        let told: Vec<_> = tap.events::<SignalChanged>().await.into_iter().map(|event| (event.0.signal_id, event.0.customer_id, event.0.state)).collect();
        assert_eq!(told, [(old.id, two, SignalState::Superseded), (old.id, one, SignalState::Open)]);
    }

    async fn verdicts_go_along_and_a_complaint_is_made_of_the_survivors(db: TestDb) {
        let (app, client) = start_still(db).await;
        let signal = overdue(&app, &client, "C-000001").await;
        let (one, two) = (signal.customer_id, introduce(&app, "C-000002").await);
        judge(&client, &signal, Verdict::True).await;
        app.deliver(&CustomerMerged(told(one, two, 2))).await;
        look(&app, 0).await;
        let moved = signals(&client, two).await;
        assert_eq!((moved.len(), moved[0].id, moved[0].verdict), (1, signal.id, Some(Verdict::True)), "not found again");
        let made = client.post(&format!("{SIGNALS}/{}/complaint", signal.id), &json!({"subject": "Not content"})).await;
        assert_eq!(made.read::<Complaint>(201).customer_id, Some(two));
    }

    async fn a_merge_of_a_merge_is_followed_and_the_first_stands(db: TestDb) {
        let (app, client) = start_still(db).await;
        let found = [
            overdue(&app, &client, "C-000001").await,
            overdue(&app, &client, "C-000002").await,
            overdue(&app, &client, "C-000003").await,
        ];
        let [one, two, three] = found.clone().map(|signal| signal.customer_id);
        app.deliver(&CustomerMerged(told(one, two, 2))).await;
        app.deliver(&CustomerMerged(told(two, three, 2))).await;
        look(&app, 0).await;
        let open = async |customer| {
            let found = signals(&client, customer).await;
            found.into_iter().filter(|signal| signal.state == SignalState::Open).map(|signal| (signal.id, signal.measured)).collect::<Vec<_>>()
        };
        for asked in [one, two, three] {
            assert_eq!(open(asked).await, [(found[2].id, 120)]);
        }
        app.deliver(&CustomerUnmerged(told(two, three, 3))).await;
        look(&app, 0).await;
        assert_eq!((open(two).await, open(three).await), (vec![(found[1].id, 80)], vec![(found[2].id, 40)]));
        app.deliver(&CustomerUnmerged(told(one, two, 3))).await;
        look(&app, 0).await;
        assert_eq!((open(one).await, open(two).await), (vec![(found[0].id, 40)], vec![(found[1].id, 40)]));
    }
}
