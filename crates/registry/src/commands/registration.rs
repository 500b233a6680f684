//! How customers come to be, one or thousands at a time: every way to create one ends here.

use std::collections::HashMap;

use chassis::audit;
use chrono::DateTime;
use database::{Id, Instant, Tx};
use messaging::{Act, outbox};
use registry_contract::{Customer, CustomerId, IdentifierType, NewCustomer, Tier, v1};
use wire::ExternalId;

use super::custom_fields::{Demand, unfit_values};
use super::customers::{identifier_rows, place_under};
use super::links::Plan;
use crate::domain::{CustomerDetails, Faults};
use crate::error::{Error, Result};
use crate::facts::customer_fact;
use crate::store::{self, ClassificationRow, CustomerRow, FirstTierRow, Related};

/// A customer as it would be, held against every rule that needs no database.
pub(super) struct Candidate {
    pub id: CustomerId,
    pub details: CustomerDetails,
    /// Without code and times.
    row: CustomerRow,
}

impl Candidate {
    pub fn new(id: CustomerId, details: CustomerDetails) -> Self {
        let row = CustomerRow::new(id, String::new(), &details, Instant::from(DateTime::UNIX_EPOCH));
        Self { id, details, row }
    }
}

/// A customer that somebody wants.
pub(super) enum Wanted {
    Told(CustomerId, Box<NewCustomer>),
    /// One without a parent and custom fields, about which only the database knows.
    Fit(Box<Candidate>),
}

impl Wanted {
    pub fn id(&self) -> CustomerId {
        match self {
            Self::Told(id, _) => *id,
            Self::Fit(candidate) => candidate.id,
        }
    }

    pub fn customer(&self) -> &NewCustomer {
        match self {
            Self::Told(_, new) => new,
            Self::Fit(candidate) => &candidate.details,
        }
    }
}

/// A customer to be created that nothing stands in the way of.
pub(super) struct Registration {
    candidate: Box<Candidate>,
    /// Its place in the hierarchy, where it has one.
    place: Option<Plan>,
}

impl Registration {
    /// The customer's first row, and what else is written of it: what it says, and its place.
    pub fn begun(self, code: String, at: Instant) -> (CustomerRow, CustomerDetails, Option<Plan>) {
        let Candidate { details, row, .. } = *self.candidate;
        (CustomerRow { code, created_at: at, updated_at: at, ..row }, details, self.place)
    }
}

/// Whether a customer may be created, or what its sender is to blame for.
pub(super) type Vetted = std::result::Result<Registration, Error>;

/// What whoever asks knows already.
#[derive(Default, Clone, Copy)]
pub(super) struct Known<'a> {
    /// What is taken although the database does not say so.
    pub besides: Option<&'a Taken>,
    /// Whose those of all keys are that anybody has: the database is not asked for them again.
    pub owners: Option<&'a HashMap<ExternalId, CustomerId>>,
}

/// Holds each against the rules, the database, those before it and what is known besides. Writes nothing, so that the
/// transaction may go on whatever is refused; `Err` is the database's.
pub(super) async fn vet(
    tx: &mut Tx,
    act: &Act,
    demand: Demand,
    all: Vec<Wanted>,
    known: Known<'_>,
) -> Result<Vec<Vetted>> {
    let mut parsed = Vec::with_capacity(all.len());
    for wanted in all {
        parsed.push(match wanted {
            Wanted::Fit(candidate) => Ok(Registration { candidate, place: None }),
            Wanted::Told(id, mut new) => {
                let (place, mut unfit) = place_under(tx, act, id, new.parent_id).await?;
                unfit.extend(unfit_values(tx, None, &mut new, demand).await?);
                let details = Faults::join(CustomerDetails::parse(*new), unfit);
                details.map(|details| Registration { candidate: Box::new(Candidate::new(id, details)), place })
            }
        });
    }
    let right = parsed.iter().filter_map(|one| one.as_ref().ok().map(|one| &one.candidate.details));
    let mut taken = Taken::among(tx, right, known.owners).await?;
    let vetted = parsed.into_iter().map(|one| {
        let one = one?;
        let (id, details) = (one.candidate.id, &one.candidate.details);
        taken.refuse(id, details)?;
        known.besides.map_or(Ok(()), |besides| besides.refuse(id, details))?;
        taken.take(id, details);
        Ok(one)
    });
    Ok(vetted.collect())
}

/// What customers come from; told of the tiers that they begin with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    Request,
    /// The import whose rows they are.
    File(Id),
    /// The system whose record it is.
    Record(&'a str),
}

impl Origin<'_> {
    /// What is kept of the tier that a customer begins with; nothing where nobody need have given it.
    fn of_tier(self, customer: &Customer) -> Option<FirstTierRow> {
        let (import_id, system) = match self {
            Self::Request => return None,
            Self::File(import) => (Some(import), None),
            Self::Record(system) => (None, Some(system.to_owned())),
        };
        let customer_id = customer.id.into();
        (customer.tier != Tier::default()).then_some(FirstTierRow { customer_id, import_id, system })
    }
}

/// Customers of whom events are made until the statement that writes them may go on.
const AT_ONCE: usize = 20;

/// Creates the customers. What comes to be together with a customer (rows of other tables, entries, events) is made here
/// and nowhere else, for all of them in as few statements as for one.
pub(super) async fn register(
    tx: &mut Tx,
    act: &Act,
    all: Vec<Registration>,
    origin: Origin<'_>,
) -> Result<Vec<Customer>> {
    let numbers = database::next_numbers(tx, "customer_code", all.len()).await?;
    let (mut rows, mut rest) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
    for (one, number) in all.into_iter().zip(numbers) {
        let id = one.candidate.id;
        let (row, details, place) = one.begun(format!("C-{number:06}"), act.at.into());
        rows.push(row);
        rest.push((id, details, place));
    }
    let told = async {
        let (mut customers, mut told) = (Vec::with_capacity(rows.len()), outbox::Prepared::default());
        for (row, (_, details, _)) in rows.iter().zip(&rest) {
            let customer: Customer = row.clone().with(Related::from(&**details))?;
            told.add(act, &v1::CustomerCreated(customer_fact(&customer)))?;
            customers.push(customer);
            if customers.len() % AT_ONCE == 0 {
                // The statement has to be sent first.
                tokio::task::yield_now().await;
            }
        }
        Ok((customers, told))
    };
    // While the database writes the rows, what is told of them is made.
    let ((), (customers, told)) = futures::try_join!(store::insert_customers(tx, &rows), told)?;
    let identifiers = rest.iter().flat_map(|(id, details, _)| identifier_rows(*id, &details.identifiers));
    store::insert_identifiers(tx, &identifiers.collect::<Vec<_>>()).await?;
    let codes = rest.iter().filter_map(|(id, details, _)| ClassificationRow::new(*id, details));
    store::insert_classifications(tx, &codes.collect::<Vec<_>>()).await?;
    for place in rest.iter().filter_map(|(.., place)| place.as_ref()) {
        place.carry_out(tx, act).await?;
    }
    let first_tiers: Vec<_> = customers.iter().filter_map(|customer| origin.of_tier(customer)).collect();
    store::insert_first_tiers(tx, &first_tiers).await?;
    let keys = customers.iter().flat_map(|one| one.external_ids.iter().map(|key| (one.id, key)));
    store::insert_external_ids(tx, keys).await?;
    store::arrive(tx, &customers).await?;
    audit::record_many(tx, act, "customer.created", "customer", customers.iter().map(|one| one.id.into())).await?;
    outbox::enqueue_prepared(tx, told).await?;
    Ok(customers)
}

/// Whose the keys and numbers are that only one customer can have.
#[derive(Default)]
pub(super) struct Taken {
    owners: HashMap<ExternalId, CustomerId>,
    /// The code where the holder is stored already.
    holders: HashMap<(IdentifierType, String), (CustomerId, Option<String>)>,
}

impl Taken {
    /// Of those that these customers name; the keys' `owners` where they are known.
    pub(super) async fn among<'a>(
        tx: &mut Tx,
        details: impl IntoIterator<Item = &'a CustomerDetails> + Clone,
        owners: Option<&HashMap<ExternalId, CustomerId>>,
    ) -> Result<Self> {
        let keys = details.clone().into_iter().flat_map(|one| &one.external_ids);
        let owners = match owners {
            Some(owners) => {
                keys.filter_map(|key| owners.get_key_value(key)).map(|(key, id)| (key.clone(), *id)).collect()
            }
            None => store::owners_of(tx, keys).await?,
        };
        let holders = store::holders_of(tx, details.into_iter().flat_map(|one| &one.identifiers)).await?;
        let holders = holders.into_iter().map(|(number, (id, code))| (number, (id, Some(code)))).collect();
        Ok(Self { owners, holders })
    }

    /// Names every key and number of the customer that is another's.
    pub(super) fn refuse(&self, own: CustomerId, details: &CustomerDetails) -> Result<()> {
        let mut taken = Faults::default();
        for (index, key) in details.external_ids.iter().enumerate() {
            if self.owners.get(key).is_some_and(|owner| *owner != own) {
                taken.add(&format!("/external_ids/{index}"), "external-id-taken", "belongs to another customer");
            }
        }
        let only_identifiers = taken.is_empty();
        for (index, identifier) in details.identifiers.iter().enumerate() {
            let number = (identifier.r#type, identifier.value.clone());
            let holder = self.holders.get(&number).filter(|_| identifier.r#type.has_one_holder());
            if let Some((_, code)) = holder.filter(|(holder, _)| *holder != own) {
                let message = match code {
                    Some(code) => format!("belongs to the customer {code}"),
                    None => "belongs to another customer of the same request".to_owned(),
                };
                taken.add(&format!("/identifiers/{index}"), "identifier-taken", message);
            }
        }
        match (taken.is_empty(), only_identifiers) {
            (true, _) => Ok(()),
            (false, true) => Err(Error::IdentifierTaken(taken.into_vec())),
            (false, false) => Err(Error::ExternalIdTaken(taken.into_vec())),
        }
    }

    /// Whose the key is.
    pub(super) fn owner_of(&self, key: &ExternalId) -> Option<CustomerId> {
        self.owners.get(key).copied()
    }

    /// Whose the number is.
    pub(super) fn holder_of(&self, number: &(IdentifierType, String)) -> Option<CustomerId> {
        self.holders.get(number).map(|(holder, _)| *holder)
    }

    /// They are this customer's from now on.
    pub(super) fn take(&mut self, id: CustomerId, details: &NewCustomer) {
        self.owners.extend(details.external_ids.iter().map(|key| (key.clone(), id)));
        let numbers = details.identifiers.iter().map(|one| (one.r#type, one.value.clone()));
        self.holders.extend(numbers.map(|number| (number, (id, None))));
    }
}

/// Takes back what [`register`] made of a customer for an import that alone has changed it since: what comes to be there is
/// gone here. False when something belongs to the customer, which then stays.
pub(super) async fn withdraw(tx: &mut Tx, act: &Act, mut customer: Customer, import: Id) -> Result<bool> {
    if !store::remove_customer(tx, customer.id.into(), import).await? {
        return Ok(false);
    }
    customer.version += 1;
    audit::record(tx, act, "customer.withdrawn", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerWithdrawn(customer_fact(&customer))).await?;
    Ok(true)
}
