use chrono::Utc;
use complaints_contract::{Clock, Complaint, ComplaintClocks};
use registry_contract::v1::{
    CustomerCreated, CustomerFact, CustomerMerged, CustomerUnmerged, CustomerWithdrawn, MergeFact,
};
use registry_contract::{CustomerId, MergeId, Tier};
use serde_json::json;
use testkit::{App, Client, both};

use crate::support::{
    PATH, customer, due_times, forget_and_rebuild, grievance, introduce, key, open, served_as, start, start_quiet, with,
};

fn told(merged: CustomerId, survivor: CustomerId, sequence: i64) -> MergeFact {
    MergeFact { merge_id: MergeId::new(), merged_id: merged, survivor_id: survivor, sequence }
}

async fn merge(app: &App, merged: CustomerId, survivor: CustomerId, sequence: i64) {
    app.deliver(&CustomerMerged(told(merged, survivor, sequence))).await;
}

async fn unmerge(app: &App, merged: CustomerId, survivor: CustomerId, sequence: i64) {
    app.deliver(&CustomerUnmerged(told(merged, survivor, sequence))).await;
}

async fn about(client: &Client, customer: &str) -> Complaint {
    open(client, &with(grievance(), json!({"customer_id": customer}))).await
}

async fn read(client: &Client, complaint: &Complaint) -> Complaint {
    client.get(&format!("{PATH}/{}", complaint.id)).await.read(200)
}

both! {
    async fn complaints_go_along_with_a_merge_and_come_back(db: TestDb) {
        let (app, client) = start(db).await;
        let one = introduce(&app, "C-000001").await;
        let fact = CustomerFact { tier: Tier::C, ..customer("C-000002") };
        app.deliver(&CustomerCreated(fact.clone())).await;
        let two = fact.customer_id;
        let old = about(&client, "C-000001").await;
        merge(&app, one, two, 2).await;
        let moved = read(&client, &old).await;
        assert_eq!((moved.customer_id, moved.version), (Some(two), 2));
        // It is measured as the survivor's.
        assert_ne!(moved.due, old.due);
        merge(&app, one, two, 2).await;
        assert_eq!(read(&client, &old).await, moved);
        let late = about(&client, &one.to_string()).await;
        assert_eq!((late.customer_id, late.customer_known), (Some(two), true));
        for asked in ["C-000001".to_owned(), one.to_string(), two.to_string()] {
            let all = client.get(&format!("{PATH}?customer_id={asked}&count=exact")).await.expect(200);
            assert_eq!(all["count"], 2, "{asked}");
        }

        unmerge(&app, one, two, 3).await;
        let back = read(&client, &old).await;
        assert_eq!((back.customer_id, back.due), (Some(one), old.due));
        assert_eq!(read(&client, &late).await.customer_id, Some(two));
        assert_eq!(client.count(&format!("{PATH}/{}/history", old.id)).await, 3);
    }

    async fn clocks_are_the_survivors_from_the_merge_on_and_as_before_after_its_undoing(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let one = introduce(&app, "C-000001").await;
        let fact = CustomerFact { tier: Tier::C, ..customer("C-000002") };
        app.deliver(&CustomerCreated(fact.clone())).await;
        let complaint = about(&client, "C-000001").await;
        let promised = async || {
            let clocks: ComplaintClocks = client.get(&format!("{PATH}/{}/clocks", complaint.id)).await.read(200);
            let resolution = clocks.clocks.into_iter().find(|reading| reading.clock == Clock::Resolution);
            resolution.expect("a resolution").target_seconds / 60
        };
        // Of a strategic customer five working days, of any other fifteen.
        assert_eq!(promised().await, 5 * 8 * 60);
        merge(&app, one, fact.customer_id, 2).await;
        assert_eq!(promised().await, 15 * 8 * 60);
        let (kept, queued) = (due_times(&app).await, read(&client, &complaint).await.next_due);
        forget_and_rebuild(&app, Utc::now()).await;
        assert_eq!((due_times(&app).await, read(&client, &complaint).await.next_due), (kept, queued));

        unmerge(&app, one, fact.customer_id, 3).await;
        assert_eq!(promised().await, 5 * 8 * 60);
        assert_eq!(read(&client, &complaint).await.next_due, complaint.next_due);
    }

    async fn what_somebody_gave_to_another_follows_its_new_customers_merges(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let (three, four) = (introduce(&app, "C-000003").await, introduce(&app, "C-000004").await);
        let complaint = about(&client, "C-000001").await;
        merge(&app, one, two, 2).await;
        client.patch(&format!("{PATH}/{}", complaint.id), "*", &json!({"customer_id": three})).await.expect(200);
        merge(&app, three, four, 2).await;
        assert_eq!(read(&client, &complaint).await.customer_id, Some(four));
        let listed = client.get(&format!("{PATH}?customer_id={three}&count=exact")).await.expect(200);
        assert_eq!(listed["count"], 1);
        // The first merge's undoing takes nothing back, the second one's does.
        unmerge(&app, one, two, 3).await;
        assert_eq!(read(&client, &complaint).await.customer_id, Some(four));
        unmerge(&app, three, four, 3).await;
        assert_eq!(read(&client, &complaint).await.customer_id, Some(three));
    }

    async fn a_merge_told_of_before_its_customer_counts_for_what_is_new(db: TestDb) {
        let (app, client) = start(db).await;
        let two = introduce(&app, "C-000002").await;
        let fact = customer("C-000001");
        merge(&app, fact.customer_id, two, 2).await;
        let new = about(&client, &fact.customer_id.to_string()).await;
        assert_eq!((new.customer_id, new.customer_known), (Some(two), true));
        let given = open(&client, &grievance()).await;
        client.patch(&format!("{PATH}/{}", given.id), "*", &json!({"customer_id": fact.customer_id})).await.expect(200);
        assert_eq!(read(&client, &given).await.customer_id, Some(two));
        app.deliver(&CustomerCreated(fact.clone())).await;
        let listed = client.get(&format!("{PATH}?customer_id={}&count=exact", fact.customer_id)).await.expect(200);
        assert_eq!(listed["count"], 2);
    }

    async fn a_complaint_that_waits_is_linked_alike_whether_merge_or_customer_is_told_of_first(db: TestDb) {
        let (app, client) = start(db).await;
        let two = introduce(&app, "C-000002").await;
        for merged_first in [true, false] {
            let name = format!("Acme {merged_first}");
            let fact = CustomerFact { external_ids: vec![key("desk", &name)], ..customer(&format!("C-1-{merged_first}")) };
            let one = fact.customer_id;
            let waiting = open(&client, &with(grievance(), json!({"customer_external": key("desk", &name)}))).await;
            if merged_first {
                merge(&app, one, two, 2).await;
                app.deliver(&CustomerCreated(fact)).await;
            } else {
                app.deliver(&CustomerCreated(fact)).await;
                merge(&app, one, two, 2).await;
            }
            let linked = read(&client, &waiting).await;
            assert_eq!((linked.customer_id, linked.customer_known), (Some(two), true), "{merged_first}");
            // One that comes now is the survivor's for good.
            let late = open(&client, &with(grievance(), json!({"customer_external": key("desk", &name)}))).await;
            assert_eq!(late.customer_id, Some(two), "{merged_first}");
            unmerge(&app, one, two, 3).await;
            assert_eq!(read(&client, &waiting).await.customer_id, Some(one), "{merged_first}");
            assert_eq!(read(&client, &late).await.customer_id, Some(two), "{merged_first}");
        }
    }

    async fn opening_and_merging_at_once_leave_nothing_with_whom_nobody_knows(db: TestDb) {
        let (app, client) = start(db).await;
        let two = introduce(&app, "C-000002").await;
        for _ in 0..10 {
            let one = CustomerId::new();
            let name = one.to_string();
            let (complaint, ()) = futures::join!(about(&client, &name), merge(&app, one, two, 2));
            assert_eq!(read(&client, &complaint).await.customer_id, Some(two));
        }
    }

    async fn what_a_merge_leads_on_is_measured_by_whom_it_leads_to_told_of_at_once(db: TestDb) {
        let (app, client) = start(db).await;
        for number in 0..10 {
            let name = format!("Acme {number}");
            let one = CustomerFact { external_ids: vec![key("desk", &name)], ..customer(&format!("C-1{number}")) };
            let two = CustomerFact { tier: Tier::A, ..customer(&format!("C-2{number}")) };
            let waiting = open(&client, &with(grievance(), json!({"customer_external": key("desk", &name)}))).await;
            merge(&app, one.customer_id, two.customer_id, 2).await;
            let by_id = with(grievance(), json!({"customer_id": one.customer_id}));
            let (one, told) = (CustomerCreated(one), CustomerCreated(two.clone()));
            let (named, (), ()) = futures::join!(open(&client, &by_id), app.deliver(&one), app.deliver(&told));
            for complaint in [&waiting, &named] {
                let known = read(&client, complaint).await;
                assert_eq!((known.customer_id, known.customer_known), (Some(two.customer_id), true));
                assert_eq!(served_as(&client, &known).await, "A/3");
            }
        }
    }

    async fn a_withdrawn_customer_is_not_known_any_more(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        app.deliver(&CustomerCreated(fact.clone())).await;
        let old = about(&client, "C-000001").await;
        assert!(old.customer_known);
        app.deliver(&CustomerWithdrawn(CustomerFact { sequence: 2, ..fact.clone() })).await;
        app.deliver(&CustomerCreated(fact.clone())).await;
        let left = read(&client, &old).await;
        assert_eq!((left.customer_id, left.customer_known), (Some(fact.customer_id), false), "no complaint is lost");
        let refused = with(grievance(), json!({"customer_id": "C-000001"}));
        client.post(PATH, &refused).await.expect(422);
    }
}
