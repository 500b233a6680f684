use complaints_contract::v1::{EXECUTIVE_CONTACT_PROPOSED, ExecutiveContactProposed};
use interactions_contract::{AgendaItem, Interaction};
use messaging::Rejected;
use registry_contract::CustomerId;
use registry_contract::v1::{CustomerCreated, CustomerFact, CustomerUpdated};
use serde_json::{Value, json};
use testkit::{Client, both, envelope};
use uuid::Uuid;

use crate::support::{AGENDA, PATH, customer, introduce, merge, proposed, start, unmerge, visit, with};

/// An executive meeting at this time of the day on which contacts are proposed.
fn meeting(customer: &str, time: &str) -> Value {
    with(visit(customer), json!({"means": "executive_meeting", "occurred_at": format!("2026-03-04T{time}Z")}))
}

async fn log(client: &Client, body: &Value) -> Interaction {
    client.post(PATH, body).await.read(201)
}

async fn due(client: &Client) -> Vec<AgendaItem> {
    let page = client.get(&format!("{AGENDA}?kind=executive_contact")).await.expect(200);
    serde_json::from_value(page["items"].clone()).expect("items")
}

/// With whom each is owed and who is to see to it.
async fn whose(client: &Client) -> Vec<(Option<CustomerId>, Option<String>)> {
    due(client).await.into_iter().map(|item| (item.customer_id, item.owner)).collect()
}

both! {
    async fn a_proposal_is_due_the_next_day_once_an_escalation(db: TestDb) {
        let (app, client) = start(db).await;
        let one = introduce(&app, "C-000001").await;
        let first = proposed(1, one);
        let second = ExecutiveContactProposed {
            escalation_id: Uuid::from_u128(0xf001).into(),
            proposed_at: "2026-03-05T01:30:00Z".parse().expect("an instant"),
            ..first.clone()
        };
        for event in [&first, &second, &first] {
            app.deliver(event).await;
        }
        let told = due(&client).await.into_iter().map(|item| {
            assert_eq!((item.customer_id, item.owner.as_deref()), (Some(one), Some("li.wei")));
            (item.subject_id, item.reference, item.due_at.to_rfc3339())
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (Uuid::from(first.escalation_id), first.number.clone(), "2026-03-05T01:30:00+00:00".to_owned()),
                (Uuid::from(second.escalation_id), first.number.clone(), "2026-03-06T01:30:00+00:00".to_owned()),
            ]
        );
        assert_eq!(client.get(&format!("{AGENDA}?kind=complaint_follow_up")).await.expect(200)["items"], json!([]));
        let owned = client.get(&format!("{AGENDA}?owner=li.wei&customer=C-000001")).await.expect(200);
        assert_eq!(owned["items"].as_array().map(Vec::len), Some(2));
    }

    async fn it_goes_with_what_becomes_of_its_complaint(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let first = proposed(1, one);
        let moved = ExecutiveContactProposed { customer_id: two, sequence: 3, ..first.clone() };
        app.deliver(&moved).await;
        app.deliver(&first).await;
        assert_eq!(whose(&client).await, [(Some(two), Some("li.wei".to_owned()))]);
        // It turned out to be about our own people: its owner alone sees it.
        app.deliver(&ExecutiveContactProposed { sequence: 4, restricted: true, ..moved }).await;
        assert_eq!(whose(&client).await, []);
    }

    async fn it_is_made_by_an_executive_meeting_since(db: TestDb) {
        let (app, client) = start(db).await;
        let one = introduce(&app, "C-000001").await;
        introduce(&app, "C-000002").await;
        app.deliver(&proposed(1, one)).await;
        for other in [
            with(visit("C-000001"), json!({"occurred_at": "2026-03-04T09:00:00Z"})),
            meeting("C-000001", "01:29:59"),
            meeting("C-000002", "09:00:00"),
        ] {
            log(&client, &other).await;
            assert_eq!(client.count(AGENDA).await, 1, "{other}");
        }
        log(&client, &meeting("C-000001", "01:30:00")).await;
        assert_eq!(client.count(AGENDA).await, 0);
        app.deliver(&proposed(1, one)).await;
        assert_eq!(client.count(AGENDA).await, 0);
        // Another escalation asks for another meeting.
        let again = ExecutiveContactProposed {
            proposed_at: "2026-03-04T02:00:00Z".parse().expect("an instant"),
            ..proposed(2, one)
        };
        app.deliver(&again).await;
        assert_eq!(client.count(AGENDA).await, 1);
    }

    async fn a_meeting_logged_before_the_proposal_arrives_counts(db: TestDb) {
        let (app, client) = start(db).await;
        let one = CustomerId::new();
        log(&client, &meeting(&one.to_string(), "09:00:00")).await;
        app.deliver(&proposed(1, one)).await;
        assert_eq!(client.count(AGENDA).await, 0);
    }

    async fn a_meeting_logged_with_many_others_counts(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        app.deliver(&proposed(1, one)).await;
        app.deliver(&proposed(2, two)).await;
        let rows = [visit("C-000002"), meeting("C-404404", "09:00:00"), meeting("C-000001", "09:00:00")];
        let rows = json!({"interactions": rows});
        client.post(&format!("{PATH}/bulk?mode=per_row"), &rows).await.expect(200);
        assert_eq!(whose(&client).await, [(Some(two), Some("li.wei".to_owned()))]);
    }

    async fn a_correction_of_the_meeting_brings_it_back(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        app.deliver(&proposed(1, one)).await;
        app.deliver(&proposed(2, two)).await;
        let held = log(&client, &meeting("C-000001", "09:00:00")).await;
        for (patch, owed) in [
            (json!({}), vec![two]),
            (json!({"means": "routine_visit"}), vec![one, two]),
            (json!({"means": "executive_meeting"}), vec![two]),
            (json!({"customer_id": two}), vec![one]),
            (json!({"occurred_at": "2026-03-04T01:00:00Z"}), vec![one, two]),
        ] {
            client.patch(&format!("{PATH}/{}", held.id), "*", &patch).await.expect(200);
            let customers = whose(&client).await.into_iter().filter_map(|(customer, _)| customer);
            assert_eq!(customers.collect::<Vec<_>>(), owed, "{patch}");
        }
    }

    async fn it_is_for_whoever_owns_the_customer_now(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        let one = Some(fact.customer_id);
        app.deliver(&proposed(1, fact.customer_id)).await;
        assert_eq!(whose(&client).await, [(one, None)]);
        app.deliver(&CustomerCreated(fact.clone())).await;
        assert_eq!(whose(&client).await, [(one, Some("li.wei".to_owned()))]);
        let given = CustomerFact { sequence: 3, owner: Some("zhao.min".to_owned()), ..fact.clone() };
        app.deliver(&CustomerUpdated(given)).await;
        app.deliver(&CustomerUpdated(CustomerFact { sequence: 2, ..fact })).await;
        assert_eq!(whose(&client).await, [(one, Some("zhao.min".to_owned()))]);
    }

    async fn it_goes_along_with_a_merged_customer_and_comes_back(db: TestDb) {
        let (app, client) = start(db).await;
        let one = introduce(&app, "C-000001").await;
        let two = CustomerFact { owner: Some("zhao.min".to_owned()), ..customer("C-000002") };
        app.deliver(&CustomerCreated(two.clone())).await;
        let two = two.customer_id;
        let of_one = (Some(one), Some("li.wei".to_owned()));
        let of_two = (Some(two), Some("zhao.min".to_owned()));
        app.deliver(&proposed(1, one)).await;
        merge(&app, one, two, 2).await;
        assert_eq!(whose(&client).await, std::slice::from_ref(&of_two));
        // Told late, of the customer as it was.
        app.deliver(&proposed(2, one)).await;
        assert_eq!(whose(&client).await, [of_two.clone(), of_two]);
        // The survivor's own, and so no longer with the other one when that is itself again.
        log(&client, &meeting("C-000002", "09:00:00")).await;
        assert_eq!(client.count(AGENDA).await, 0);

        unmerge(&app, one, two, 3).await;
        assert_eq!(whose(&client).await, [of_one.clone(), of_one]);
    }

    async fn a_meeting_of_either_counts_for_both_while_they_are_one(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        log(&client, &meeting("C-000001", "09:00:00")).await;
        app.deliver(&proposed(2, two)).await;
        assert_eq!(client.count(AGENDA).await, 1);
        merge(&app, one, two, 2).await;
        assert_eq!(client.count(AGENDA).await, 0);
        unmerge(&app, one, two, 3).await;
        assert_eq!(client.count(AGENDA).await, 1);
    }

    async fn a_proposal_of_another_shape_is_poison(db: TestDb) {
        let (app, _client) = start(db).await;
        let broken = envelope(EXECUTIVE_CONTACT_PROPOSED, json!({"escalation_id": Uuid::nil(), "customer_id": null}));
        assert!(matches!(app.deliver_envelope(&broken).await, Err(Rejected::Poison(_))));
    }
}
