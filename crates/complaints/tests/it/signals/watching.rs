use std::collections::BTreeMap;

use chrono::Duration;
use complaints_contract::v1::{SIGNAL_CHANGED, SignalChanged};
use database::{Db, Options, on};
use diesel_async::RunQueryDsl;
use registry_contract::v1::CustomerUpdated;
use registry_contract::{CustomerId, Tier};
use sales_contract::v1::{InvoiceChanged, InvoiceFact};
use surveys_contract::v1::{InvitationChanged, InvitationFact};
use surveys_contract::{InvitationId, SurveyId};
use testkit::both;

use super::{customer, introduce, invoice, look, noon, signals, start_still};

both! {
    async fn time_alone_makes_a_signal_and_nobody_is_looked_at_before(db: TestDb) {
        let (app, client) = start_still(db).await;
        let customer = introduce(&app, "C-000001").await;
        let sent_at = noon() - Duration::days(12);
        for number in 0..2 {
            app.deliver(&InvitationChanged(InvitationFact {
                invitation_id: InvitationId::new(),
                survey_id: SurveyId::new(),
                customer_id: customer,
                contact_id: None,
                sequence: 1,
                sent_at: sent_at + Duration::hours(number),
                answered_at: None,
                void: false,
            }))
            .await;
        }
        assert_eq!(look(&app, 0).await, 1);
        assert_eq!(signals(&client, customer).await, []);
        // Fourteen days after the first, and then after the second.
        let next = async || complaints::next_look(&app.db).await.expect("readable").expect("some time");
        assert_eq!(next().await, sent_at + Duration::days(14));
        assert_eq!(look(&app, 1).await, 0);
        assert_eq!(complaints::look_for_signals(&app.db, next().await, 5).await.expect("looked"), 1);
        assert_eq!(signals(&client, customer).await, []);
        assert_eq!(next().await, sent_at + Duration::days(14) + Duration::hours(1));
        assert_eq!(complaints::look_for_signals(&app.db, next().await, 5).await.expect("looked"), 1);
        assert_eq!(signals(&client, customer).await.len(), 1);
        // 180 days after that nobody remembers them.
        look(&app, 400).await;
        assert!(signals(&client, customer).await[0].eased_at.is_some());
        assert_eq!(complaints::next_look(&app.db).await.expect("readable"), None);
    }

    async fn customers_of_whom_nothing_is_told_are_not_looked_at(db: TestDb) {
        let (app, _client) = start_still(db).await;
        let fact = customer("C-000001");
        introduce(&app, "C-000002").await;
        app.deliver(&CustomerUpdated(fact.clone())).await;
        assert_eq!(complaints::next_look(&app.db).await.expect("readable"), None);
        app.deliver(&InvoiceChanged(invoice(fact.customer_id, -30))).await;
        assert_eq!(look(&app, 0).await, 1);
        app.deliver(&CustomerUpdated(registry_contract::v1::CustomerFact { sequence: 2, tier: Tier::C, ..fact })).await;
        assert_eq!(look(&app, 0).await, 1);
    }

    async fn a_customer_that_nobody_can_read_stops_no_other(db: TestDb) {
        let (app, client) = start_still(db).await;
        let (broken, whole) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        for customer in [broken, whole] {
            app.deliver(&InvoiceChanged(invoice(customer, 41))).await;
        }
        let set_tier = async |tier: &str| {
            let mut tx = app.db.begin().await.expect("a transaction");
            let sql = format!("UPDATE known_customers SET tier = '{tier}' WHERE code = 'C-000001'");
            on!(tx, |c| diesel::sql_query(&sql).execute(c).await).expect("changed");
            tx.commit().await.expect("a commit");
        };
        set_tier("Z").await;
        let looked = complaints::look_for_signals(&app.db, noon(), 5).await.expect("looked");
        assert_eq!((looked, signals(&client, whole).await.len()), (1, 1));
        assert_eq!(complaints::look_for_signals(&app.db, noon(), 5).await.expect("looked"), 0, "it is put off");
        set_tier("A").await;
        complaints::look_for_signals(&app.db, noon() + Duration::minutes(5), 5).await.expect("looked");
        assert_eq!(signals(&client, broken).await.len(), 1);
    }

    async fn several_replicas_raise_a_signal_once(db: TestDb) {
        let (app, client) = start_still(db).await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let customers: Vec<CustomerId> = (0..24).map(|_| CustomerId::new()).collect();
        let facts: Vec<InvoiceFact> = customers.iter().map(|customer| invoice(*customer, 41)).collect();
        for fact in &facts {
            app.deliver(&InvoiceChanged(fact.clone())).await;
        }
        let url = app.db.url().to_owned();
        let replicas = (0..3).map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let db = Db::open(&url, Options::default()).expect("a database");
                while complaints::next_look(&db).await.expect("readable").is_some_and(|next| next <= noon()) {
                    complaints::look_for_signals(&db, noon(), 2).await.expect("looked");
                    tokio::task::yield_now().await;
                }
            })
        });
        // Meanwhile more is told of the same customers.
        let telling = async {
            for fact in &facts {
                app.deliver(&InvoiceChanged(InvoiceFact { sequence: 2, ..fact.clone() })).await;
                app.deliver(&InvoiceChanged(invoice(fact.customer_id, 21))).await;
            }
        };
        let (replicas, ()) = tokio::join!(futures::future::join_all(replicas), telling);
        replicas.into_iter().for_each(|replica| replica.expect("a replica"));
        look(&app, 0).await;
        app.drain_outbox().await;
        let mut told: BTreeMap<CustomerId, usize> = BTreeMap::new();
        for SignalChanged(fact) in tap.events::<SignalChanged>().await {
            *told.entry(fact.customer_id).or_default() += 1;
        }
        assert_eq!(told, customers.iter().map(|customer| (*customer, 1)).collect());
        for customer in customers {
            let found = signals(&client, customer).await;
            let measured: Vec<_> = found.iter().map(|signal| signal.measured).collect();
            assert_eq!(measured, [60], "the last that was told is what was seen");
        }
    }

    async fn a_fact_that_goes_to_another_customer_is_looked_at_with_both(db: TestDb) {
        let (app, client) = start_still(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let fact = invoice(one, 41);
        app.deliver(&InvoiceChanged(fact.clone())).await;
        look(&app, 0).await;
        assert_eq!(signals(&client, one).await.len(), 1);
        app.deliver(&InvoiceChanged(InvoiceFact { customer_id: two, sequence: 2, ..fact })).await;
        assert_eq!(look(&app, 0).await, 2);
        assert!(signals(&client, one).await[0].eased_at.is_some());
        assert_eq!(signals(&client, two).await.len(), 1);
    }

    async fn whoever_is_due_is_found_by_an_index(db: TestDb) {
        let (app, _client) = start_still(db).await;
        for days in 0..400 {
            app.deliver(&InvoiceChanged(invoice(CustomerId::new(), -30 - days))).await;
        }
        let mut looked = 0;
        while let Some(next) = complaints::next_look(&app.db).await.expect("readable").filter(|next| *next <= noon()) {
            looked += complaints::look_for_signals(&app.db, next.max(noon()), 100).await.expect("looked");
        }
        assert_eq!(looked, 400);
        let mut conn = app.db.read().await.expect("a connection");
        let plan: Vec<String> = on!(
            conn,
            pg: |c| {
                diesel::sql_query("ANALYZE").execute(c).await?;
                let claim = complaints::CLAIM_CUSTOMERS_ON_POSTGRES
                    .replace("$1", &format!("'{}'", noon().to_rfc3339()))
                    .replace("$2", "20");
                diesel::dsl::sql::<diesel::sql_types::Text>(&format!("EXPLAIN {claim}")).load(c).await
            },
            lite: |c| {
                #[derive(diesel::QueryableByName)]
                struct Plan {
                    #[diesel(sql_type = diesel::sql_types::Text)]
                    detail: String,
                }
                let claim = complaints::CLAIM_CUSTOMERS_ON_SQLITE.replace("?1", "1").replace("?2", "20");
                let plan: Vec<Plan> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {claim}")).load(c).await?;
                Ok(plan.into_iter().map(|plan| plan.detail).collect())
            },
        )
        .expect("a plan");
        let plan = plan.join("\n");
        assert!(plan.contains("watched_customers_due"), "{plan}");
    }
}
