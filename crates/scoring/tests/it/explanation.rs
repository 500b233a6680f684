use complaints_contract::v1::ComplaintOpened;
use interactions_contract::v1::{InteractionFact, InteractionLogged};
use registry_contract::v1::{HoldingCreated, HoldingFact, PositionCreated, PositionFact, PositionUpdated};
use registry_contract::{DecisionRole, HoldingId, PositionId};
use scoring::domain::{self, Computed, Facts};
use scoring_contract::facts_digest;
use testkit::both;
use uuid::Uuid;

use crate::support::{complaint, contact, customer, days_before_now, explained, redact, start, visit};

both! {
    async fn a_score_can_be_computed_again_from_the_facts_it_names(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        let id = fact.customer_id;
        let (ann, bob) = (contact(id), contact(id));
        let seat = PositionFact {
            position_id: PositionId::new(),
            customer_id: id,
            sequence: 1,
            decision_role: Some(DecisionRole::Decider),
            vote_weight: Some(3),
            level: None,
            reports_to: None,
            closed_on: None,
        };
        let holding = HoldingFact {
            holding_id: HoldingId::new(),
            contact_id: ann.contact_id,
            position_id: seat.position_id,
            customer_id: id,
            from: days_before_now(100).date_naive(),
            until: None,
            sequence: 1,
        };
        let visits: Vec<InteractionFact> = (0..9).map(|week| visit(id, week * 30, &[ann.contact_id])).collect();
        let facts = Facts {
            contacts: vec![ann, bob],
            positions: vec![seat],
            holdings: vec![holding],
            interactions: visits,
            complaints: vec![complaint(Some(id)), complaint(Some(id))],
            ..Facts::of(fact)
        };

        app.deliver(&registry_contract::v1::CustomerCreated(facts.customer.clone())).await;
        for contact in &facts.contacts {
            app.deliver(&registry_contract::v1::ContactCreated(contact.clone())).await;
        }
        app.deliver(&PositionCreated(facts.positions[0].clone())).await;
        app.deliver(&HoldingCreated(facts.holdings[0].clone())).await;
        for visit in &facts.interactions {
            app.deliver(&InteractionLogged(visit.clone())).await;
        }
        for complaint in &facts.complaints {
            app.deliver(&ComplaintOpened(complaint.clone())).await;
        }
        // Somebody else's, and nobody's.
        app.deliver(&InteractionLogged(visit(Uuid::now_v7().into(), 1, &[]))).await;
        app.deliver(&ComplaintOpened(complaint(None))).await;

        let explanation = explained(&client, id).await;
        let again = domain::score(&facts, &domain::current(), explanation.score.as_of);
        assert_eq!(Computed::from(&explanation.score), again);

        let digests = [
            ("registry.customer", digest(facts.customer.customer_id, 1)),
            ("registry.contact", facts_digest(facts.contacts.iter().map(|c| (c.contact_id.into(), c.sequence)))),
            ("registry.position", digest(facts.positions[0].position_id, 1)),
            ("registry.holding", digest(facts.holdings[0].holding_id, 1)),
            ("interactions.interaction", facts_digest(facts.interactions.iter().map(|i| (i.interaction_id.into(), 1)))),
            ("complaints.complaint", facts_digest(facts.complaints.iter().map(|c| (c.complaint_id.into(), 1)))),
        ];
        let shown: Vec<_> = explanation.facts.iter().map(|f| (f.source.as_str(), f.digest.clone())).collect();
        assert_eq!(shown, digests);
        let counts: Vec<i64> = explanation.facts.iter().map(|f| f.count).collect();
        assert_eq!(counts, [1, 2, 1, 1, 9, 2]);

        let mut body = client.get("/api/v1/customers/C-000001/score/explanation").await.expect(200);
        body["score"]["version"] = "[version]".into();
        insta::assert_json_snapshot!(redact(body), @r#"
        {
          "facts": [
            {
              "count": 1,
              "digest": "[digest]",
              "latest": "[time]",
              "source": "registry.customer"
            },
            {
              "count": 2,
              "digest": "[digest]",
              "latest": "[time]",
              "source": "registry.contact"
            },
            {
              "count": 1,
              "digest": "[digest]",
              "latest": "[time]",
              "source": "registry.position"
            },
            {
              "count": 1,
              "digest": "[digest]",
              "latest": "[time]",
              "source": "registry.holding"
            },
            {
              "count": 9,
              "digest": "[digest]",
              "latest": "[time]",
              "source": "interactions.interaction"
            },
            {
              "count": 2,
              "digest": "[digest]",
              "latest": "[time]",
              "source": "complaints.complaint"
            }
          ],
          "rescoring_due": false,
          "score": {
            "as_of": "[time]",
            "confidence": "medium",
            "customer_code": "C-000001",
            "customer_id": "[id]",
            "engagement": 93,
            "inputs": {
              "cadence": 6,
              "complaints": 2,
              "complaints_late": 0,
              "complaints_open": 2,
              "complaints_reopened": 0,
              "contact_days": 9,
              "depth": 72,
              "interactions": 9,
              "judged": 9,
              "last_complaint_at": "[time]",
              "last_contact_at": "[time]",
              "outcome_balance": 9,
              "people_known": 2,
              "people_met": 1,
              "seats_known": 1,
              "seats_met": 1,
              "tier": "B"
            },
            "level": "L4",
            "policy_version": "engagement-v1",
            "reasons": [
              {
                "about": "engagement",
                "code": "frequency-strong",
                "effect": 30,
                "text": "days with contact in 365 days: 9; the tier asks for 6"
              },
              {
                "about": "satisfaction",
                "code": "complaints-received",
                "effect": -28,
                "text": "complaints: 2"
              },
              {
                "about": "engagement",
                "code": "depth-strong",
                "effect": 20,
                "text": "depth of contact: 72; the tier asks for 24"
              },
              {
                "about": "engagement",
                "code": "breadth-strong",
                "effect": 18,
                "text": "met in 365 days: 1 of 2 people, 1 of 1 seats of the decision chain"
              },
              {
                "about": "engagement",
                "code": "recency-strong",
                "effect": 15,
                "text": "last contact on [date]"
              },
              {
                "about": "engagement",
                "code": "outcome-strong",
                "effect": 10,
                "text": "interactions judged: 9; +9 against neutral"
              }
            ],
            "satisfaction": 40,
            "satisfaction_confidence": "medium",
            "updated_at": "[time]",
            "version": "[version]"
          }
        }
        "#);
    }

    async fn a_seat_that_was_closed_counts_no_longer(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        let id = fact.customer_id;
        app.deliver(&registry_contract::v1::CustomerCreated(fact)).await;
        let seat = PositionFact {
            position_id: PositionId::new(),
            customer_id: id,
            sequence: 1,
            decision_role: Some(DecisionRole::Buyer),
            vote_weight: None,
            level: None,
            reports_to: None,
            closed_on: None,
        };
        app.deliver(&PositionCreated(seat.clone())).await;
        assert_eq!(explained(&client, id).await.score.inputs.seats_known, 1);
        let closed = PositionFact { sequence: 2, closed_on: Some(days_before_now(1).date_naive()), ..seat.clone() };
        app.deliver(&PositionUpdated(closed)).await;
        // An older one that comes later opens nothing again.
        app.deliver(&PositionCreated(seat)).await;
        assert_eq!(explained(&client, id).await.score.inputs.seats_known, 0);
    }
}

fn digest(id: impl Into<Uuid>, sequence: i64) -> String {
    facts_digest([(id.into(), sequence)])
}
