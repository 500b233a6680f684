use std::collections::BTreeSet;

use complaints_contract::v1::{
    COMPLAINT_RATED, CORRECTIVE_ACTION_CHANGED, ComplaintAmended, ComplaintFact, ComplaintLinked, ComplaintOpened,
    ESCALATION_FIRED, EXECUTIVE_CONTACT_PROPOSED, FOLLOW_UP_CHANGED, SIGNAL_CHANGED,
};
use database::{Db, on};
use diesel_async::RunQueryDsl;
use interactions_contract::v1::{
    ACTION_PLAN_CHANGED, InteractionAmended, InteractionFact, InteractionLogged, MANNER_MARKED, MEETING_CHANGED,
    PROMISE_CHANGED,
};
use messaging::{Envelope, Rejected};
use registry_contract::v1::{
    CONSENT_RECORDED, CONTACT_ERASED, CUSTOMER_QUALIFIED, CUSTOMER_TIERED, CUSTOMER_TRANSFERRED,
    DECISION_CHAIN_UPDATED, EMPLOYEE_CHANGED, PROFILE_APPROVED, TEAM_MEMBER_CHANGED, VENDOR_SHARES_RECORDED,
};
use serde_json::json;
use testkit::{App, TestDb, both, envelope, golden_events};
use uuid::Uuid;

use crate::support::{complaint, customer, introduce, settled, start, visit};

const TABLES: [&str; 6] =
    ["customer_facts", "contact_facts", "position_facts", "holding_facts", "interaction_facts", "complaint_facts"];

/// What the others tell and no score rests on.
const NOT_SCORED: [&str; 20] = [
    ACTION_PLAN_CHANGED,
    COMPLAINT_RATED,
    CORRECTIVE_ACTION_CHANGED,
    CONSENT_RECORDED,
    CONTACT_ERASED,
    CUSTOMER_QUALIFIED,
    CUSTOMER_TIERED,
    CUSTOMER_TRANSFERRED,
    DECISION_CHAIN_UPDATED,
    EMPLOYEE_CHANGED,
    ESCALATION_FIRED,
    EXECUTIVE_CONTACT_PROPOSED,
    FOLLOW_UP_CHANGED,
    MANNER_MARKED,
    MEETING_CHANGED,
    PROFILE_APPROVED,
    PROMISE_CHANGED,
    SIGNAL_CHANGED,
    TEAM_MEMBER_CHANGED,
    VENDOR_SHARES_RECORDED,
];

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// Everything kept, but for when it was kept.
async fn dump(db: &Db) -> Vec<String> {
    let mut lines = vec![];
    for table in TABLES {
        let pg = format!(
            "SELECT '{table} ' || id::text || ' ' || sequence || ' ' || coalesce(customer_id::text, '-') || ' ' || data::text \
             AS line FROM {table} ORDER BY id"
        );
        let lite = format!(
            "SELECT '{table} ' || hex(id) || ' ' || sequence || ' ' || coalesce(hex(customer_id), '-') || ' ' || json(data) \
             AS line FROM {table} ORDER BY id"
        );
        let mut conn = db.read().await.expect("a connection");
        let rows: Vec<Line> = on!(conn,
            pg: |c| diesel::sql_query(pg).load(c).await,
            lite: |c| diesel::sql_query(lite).load(c).await,
        )
        .expect("rows");
        lines.extend(rows.into_iter().map(|row| row.line));
    }
    lines
}

async fn other_like(db: &TestDb) -> TestDb {
    match db.backend() {
        database::Backend::Postgres => TestDb::postgres().await,
        database::Backend::Sqlite => TestDb::sqlite(),
    }
}

async fn deliver_all(app: &App, events: impl Iterator<Item = &Envelope>) {
    for event in events {
        let event = Envelope { id: Uuid::now_v7(), ..event.clone() };
        app.deliver_envelope(&event).await.expect("taken");
    }
}

both! {
    async fn every_golden_event_may_come_twice_and_in_any_order(db: TestDb) {
        let mut events = ["registry", "interactions", "complaints"].map(golden_events).concat();
        let subscribed: BTreeSet<&str> = scoring::SERVICE.subscriptions.iter().map(|s| s.event_type).collect();
        let types: BTreeSet<&str> = events.iter().map(|event| event.r#type.as_str()).collect();
        let expected: BTreeSet<&str> = subscribed.iter().copied().chain(NOT_SCORED).collect();
        assert_eq!(types, expected, "an event without a subscription, or without a golden file");
        events.retain(|event| subscribed.contains(event.r#type.as_str()));

        let (forwards, _client) = start(other_like(&db).await).await;
        deliver_all(&forwards, events.iter()).await;
        let expected = dump(&forwards.db).await;
        assert!(TABLES.iter().all(|table| expected.iter().any(|line| line.starts_with(table))), "{expected:?}");

        let (together, _client) = start(other_like(&db).await).await;
        let (backwards, _client) = start(db).await;
        deliver_all(&backwards, events.iter().rev()).await;
        assert_eq!(dump(&backwards.db).await, expected);
        deliver_all(&backwards, events.iter()).await;
        assert_eq!(dump(&backwards.db).await, expected);

        // Each twice, and an older one of each behind it.
        let older = events.iter().map(|event| Envelope { sequence: 0, ..event.clone() });
        let older = older.filter(|event| event.r#type.starts_with("registry.customer.")).map(|event| {
            let mut data = event.data.clone();
            data["sequence"] = 0.into();
            Envelope { data, ..event }
        });
        let all: Vec<_> = events.iter().cloned().chain(events.iter().cloned()).chain(older).collect();
        let all: Vec<_> = all.into_iter().map(|event| Envelope { id: Uuid::now_v7(), ..event }).collect();
        together.deliver_together(&all).await;
        assert_eq!(dump(&together.db).await, expected);
    }

    async fn an_interaction_moved_to_another_customer_changes_both_scores(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (customer("C-000001"), customer("C-000002"));
        introduce(&app, &one, 0).await;
        introduce(&app, &two, 0).await;
        let logged = visit(one.customer_id, 1, &[]);
        app.deliver(&InteractionLogged(logged.clone())).await;
        assert_eq!(settled(&client, one.customer_id).await.inputs.interactions, 1);

        let moved = InteractionFact { customer_id: two.customer_id, sequence: 2, ..logged.clone() };
        app.deliver(&InteractionAmended(moved)).await;
        app.deliver(&InteractionLogged(logged)).await;
        assert_eq!(settled(&client, one.customer_id).await.inputs.interactions, 0);
        assert_eq!(settled(&client, two.customer_id).await.inputs.interactions, 1);
    }

    async fn what_is_about_our_people_shows_in_no_score(db: TestDb) {
        let (app, client) = start(db).await;
        let one = customer("C-000001");
        introduce(&app, &one, 0).await;
        let before = settled(&client, one.customer_id).await;
        let hidden = ComplaintFact { restricted: true, ..complaint(Some(one.customer_id)) };
        app.deliver(&ComplaintOpened(hidden)).await;
        app.deliver(&InteractionLogged(visit(one.customer_id, 1, &[]))).await;
        let after = settled(&client, one.customer_id).await;
        assert_eq!((after.inputs.complaints, after.inputs.interactions), (0, before.inputs.interactions + 1));
        assert_eq!(after.satisfaction, before.satisfaction);
    }

    async fn a_complaint_counts_once_its_customer_is_known(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (customer("C-000001"), customer("C-000002"));
        introduce(&app, &one, 0).await;
        introduce(&app, &two, 0).await;
        let opened = complaint(None);
        app.deliver(&ComplaintOpened(opened.clone())).await;
        assert_eq!(settled(&client, one.customer_id).await.inputs.complaints, 0);

        let linked = ComplaintFact { customer_id: Some(one.customer_id), sequence: 2, ..opened.clone() };
        app.deliver(&ComplaintLinked(linked)).await;
        assert_eq!(settled(&client, one.customer_id).await.inputs.complaints, 1);

        let moved = ComplaintFact { customer_id: Some(two.customer_id), sequence: 3, ..opened.clone() };
        app.deliver(&ComplaintAmended(moved)).await;
        assert_eq!(settled(&client, one.customer_id).await.inputs.complaints, 0);
        assert_eq!(settled(&client, two.customer_id).await.inputs.complaints, 1);

        app.deliver(&ComplaintAmended(ComplaintFact { sequence: 4, ..opened })).await;
        assert_eq!(settled(&client, two.customer_id).await.inputs.complaints, 0);
    }

    async fn an_event_of_another_shape_is_poison(db: TestDb) {
        let (app, _client) = start(db).await;
        for subscription in scoring::SERVICE.subscriptions {
            let broken = envelope(subscription.event_type, json!({"sequence": "one"}));
            let taken = app.deliver_envelope(&broken).await;
            assert!(matches!(taken, Err(Rejected::Poison(_))), "{}", subscription.event_type);
        }
        assert_eq!(dump(&app.db).await, Vec::<String>::new());
    }
}
