// Folds the events of the company into its rows: company, people, keys, grants, publisher.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::company {

// What the domain's table folds with (engine/domain/domain.h). Pure. False when the event does not
// fit the row: it is as it was then.

void FoundRow(const v1::CompanyFounded& founded, const EventMeta& meta, v1::CompanyState& company);
void PersonRow(const v1::PersonAdded& added, const EventMeta& meta, v1::PersonState& person);

bool FoldKeyProposed(const v1::Event& event, const EventMeta& meta, StateStore& store);
// With or without a proposal.
bool FoldKeyBound(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool DropKeyProposal(const v1::SourceKeyRejected& rejected, const EventMeta& meta,
                     v1::EntityState& entity);

// False when the person has no binding that begins there.
bool EndBinding(const v1::SourceKeyEnded& ended, const EventMeta& meta, v1::EntityState& entity);

void ProposedGrantRow(const v1::GrantProposed& proposed, const EventMeta& meta,
                      v1::GrantState& row);
// One that was proposed, or a new one.
bool FoldGrantGiven(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool Revoke(const v1::GrantRevoked& revoked, const EventMeta& meta, v1::GrantState& row);
bool ProposeRevocation(const v1::GrantRevocationProposed& proposed, const EventMeta& meta,
                       v1::GrantState& row);
bool SignRevocation(const v1::GrantRevocationSigned& given, const EventMeta& meta,
                    v1::GrantState& row);
bool DropRevocation(const v1::GrantRevocationRejected& rejected, const EventMeta& meta,
                    v1::GrantState& row);

bool FoldPublisherClaimed(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool FoldLogAuthenticated(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool FoldLogKeyRotated(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool FoldHeadsNoted(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::company
