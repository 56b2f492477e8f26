import type { English } from '../forms.ts'
import type { refusals as zh } from '../zh/refusals.ts'

export const refusals: English<typeof zh> = {
  'refusal.client.unreachable':
    "The program can't be reached. Check the network, or whether the program is running, and try again.",
  'refusal.program.bug':
    'Something went wrong that should not have. Nothing was changed. Give the number of the answer to whoever looks after the program.',
  'refusal.program.database_away': 'The database does not answer. Nothing was lost; try again in a moment.',
  'refusal.program.disk_full': 'The disk is full. Nothing was lost; free some space and try again.',
  'refusal.program.gone': 'The program is stopping; try again in a moment.',

  'refusal.request.invalid': "Something doesn't fit; check what you entered.",
  'refusal.request.unreadable': 'The request could not be read. Reload the page and try again.',
  'refusal.request.no_such_route':
    'There is nothing at this address. The program may have been updated; reload the page.',
  'refusal.request.key_reused': 'This was sent before with other content. Reload the page and try again.',
  'refusal.request.foreign_origin':
    'The request came from another site and was refused. Open the program at its own address.',

  'refusal.access.sign_in': 'Sign in first.',
  'refusal.access.not_permitted': 'Your role may not do this.',
  'refusal.access.link_spent': 'This sign-in link was used already or is too old. Ask for a new one.',
  'refusal.access.sign_in_wrong':
    'Login and password do not belong together. Whoever has no password comes in by a link.',
  'refusal.access.code_wrong': 'This code is not right, or was used already. Wait for the next one.',
  'refusal.access.password_wrong': 'This is not your password.',
  'refusal.access.ticket_spent': 'This took too long. Begin to sign in once more.',
  'refusal.access.too_many_tries': 'Too many tries. Try again in {{seconds}} seconds.',
  'refusal.access.password_short': 'A password has at least {{shortest}} characters.',
  'refusal.access.password_long': 'A password has at most {{longest}} characters.',
  'refusal.access.password_common': 'This password is among the first that are guessed. Choose another.',
  'refusal.access.password_own_name': 'This password is made of your login or name. Choose another.',
  'refusal.access.second_factor_on': 'There is a second factor already.',
  'refusal.access.second_factor_not_begun': 'Begin to set up the second factor first.',
  'refusal.access.second_factor_stays': 'The group wants a second factor of you, so it stays.',
  'refusal.access.second_factor_needed': 'Set up your second factor first, in My account.',
  'refusal.access.nothing_to_prove_by': 'You have neither a password nor a second factor.',
  'refusal.access.prove_again': 'It was not confirmed that it is you; nothing was changed.',
  'refusal.access.no_provider': 'No identity provider is set up here.',
  'refusal.access.provider_away':
    'The identity provider does not answer as it should. Sign in another way, or try later.',
  'refusal.access.provider_refused':
    'The identity provider did not confirm this sign-in, or it took too long. Begin once more.',
  'refusal.access.provider_stranger':
    'The identity provider knows you, but nobody here has your verified e-mail address as their login. Ask an administrator to add you.',
  'refusal.access.key_unknown': 'This key has ended already.',
  'refusal.access.whole_group_needed': 'This needs the permission over the whole group.',
  'refusal.access.only_looking':
    'You are looking as somebody else and can’t change anything. Go back to yourself first.',
  'refusal.access.login_taken': 'Somebody signs in as {{login}} already. Choose another sign-in name.',
  'refusal.access.staff_unknown': 'There is no such member of staff, or not within your reach.',
  'refusal.access.session_unknown': 'This session has ended already.',
  'refusal.access.role_unknown': 'There is no role {{role}}.',
  'refusal.access.place_unknown': 'There is no company or store {{code}}.',
  'refusal.access.permission_unknown': 'There is no permission {{permission}}.',
  'refusal.access.administrator_stays': 'The role administrator may do everything and stays so.',
  'refusal.access.role_held': '{{holders}} still hold the role {{role}}. Give them another first.',
  'refusal.access.beyond_own_rights':
    'The role has a permission that you don’t hold yourself ({{permission}}), so you can’t give it or take it away.',
  'refusal.access.beyond_own_scope': 'This reaches beyond the part of the group in which you hold {{permission}}.',
  'refusal.access.last_administrator':
    'This is the last administrator of the group. Make somebody else administrator first.',
  'refusal.access.not_of_staff': 'Only members of staff who are signed in can do this.',
  'refusal.access.role_and_place': 'Say the role and the place where it holds, both.',
  'refusal.access.no_successor': 'The successor should be another person who works here.',
  'refusal.organisation.company_unknown': 'There is no company {{code}}.',

  'refusal.channels.unknown': 'There is no channel with the code {{code}}.',
  'refusal.channels.other_kind': 'The channel {{code}} is there and of another kind. Choose it, or take another code.',

  'refusal.organisation.rows_wrong':
    '“{{value}}” in row {{row}} can’t be taken: the code is told twice or belongs to a channel of another kind, or there is no such company. Nothing was written; correct it and try again.',
  'refusal.organisation.no_columns': 'No column is a company or a store. Choose one.',
  'refusal.organisation.too_many_rows':
    'One file holds at most {{limit, number}} companies and stores. Tell them in several files.',
  'refusal.demonstration.none': 'There is no demonstration group here, so nothing to clear.',
  'refusal.demonstration.filling':
    'The demonstration group is just being filled ({{percent}}%). Try again in a minute.',
  'refusal.demonstration.imports':
    'Imports of your own stand beside the demonstration ({{imports}}), so nothing was removed. Undo or cancel them first.',
  'refusal.demonstration.added':
    'Records ({{records}}) and orders ({{orders}}) were added beside the demonstration, so nothing was removed.',

  'refusal.members.not_found': 'There is no such member; it may have gone with an import that was undone.',
  'refusal.members.only_record': 'This member has one record only; there is nothing to take it apart from.',
  'refusal.members.record_elsewhere':
    'This record no longer belongs to the member; somebody may have parted it. Reload the page.',
  'refusal.members.record_of_nobody':
    "The record doesn't say who it is. Give a name, an id, a phone, an e-mail or a document.",
  'refusal.members.review_not_found': 'These two are not waiting to be decided: somebody has done so already.',
  'refusal.matching.running': 'A matching run is still going on. Wait until it has ended.',
  'refusal.matching.run_not_found': 'There is no such matching run.',
  'refusal.matching.stopped':
    'The program stopped in the middle of matching. What was joined stays joined; start another run to go on.',
  'refusal.matching.bands_crossed': "The line for asking can't be above the line for joining.",
  'refusal.members.already_one': 'They are one member already.',
  'refusal.members.identity_clash': "They differ in {{kind}}, so they can't be one person.",

  'refusal.orders.not_found': 'This member has no such order.',
  'refusal.orders.not_paid': 'Only a paid order can be refunded.',
  'refusal.orders.refund_too_large': 'The refund is more than what is left of the order.',
  'refusal.orders.of_nobody': "The order doesn't say who ordered. Give the customer's id or phone.",

  'refusal.points.insufficient': 'Not enough points: {{needed, number}} needed, {{available, number}} to spend.',
  'refusal.points.amount': 'An amount of points is a whole number above 0.',
  'refusal.points.source_reused': "This source has given points already and can't give another amount.",
  'refusal.points.rule_exists': 'There is a rule or group with the code {{code}} already.',
  'refusal.points.rule_unknown': 'There is no rule or group with the code {{code}}.',
  'refusal.points.group_unknown': 'The group {{code}} of the rule is not there, or begins later than the rule.',
  'refusal.points.rule_changed': 'Somebody has just changed {{code}}; reload and look again.',
  'refusal.points.effective_in_past': 'Only the first version of a rule may take effect in the past.',
  'refusal.points.page_unknown': 'This page is no longer there; reload.',

  'refusal.imports.not_found': 'There is no such import.',
  'refusal.imports.wrong_state': 'This import has moved on to another step; reload the page.',
  'refusal.imports.begun_otherwise':
    'A part of this file was applied already, by another mapping, as import {{importId}}. Go on without a mapping of your own, or take it back first.',
  'refusal.imports.stopped': 'The reading was stopped.',

  'refusal.mapping.bad_file': 'The mapping file could not be read.',
  'refusal.mapping.no_file': 'The mapping file was not found.',
  'refusal.mapping.nothing_mapped': 'No column goes anywhere yet. Choose a target for at least one.',
  'refusal.mapping.nothing_identifies':
    'No column says who or which order a row is. Map at least one of name, id, phone, e-mail, document or order number.',
  'refusal.mapping.unknown_column': 'The file has no column “{{column}}”.',
  'refusal.mapping.unknown_field': "“{{column}}” can't go to “{{field}}”.",
  'refusal.mapping.field_twice': 'Two columns go to “{{field}}”; only one can.',
  'refusal.mapping.column_twice': '“{{column}}” goes to two places.',

  'refusal.file.not_found': 'The file {{name}} was not found.',
  'refusal.file.empty': 'The file is empty.',
  'refusal.file.no_rows': 'The file has a header and nothing below it.',
  'refusal.file.old_office':
    'This is an old Microsoft Office file, or a protected one. Save it without a password as .xlsx or as CSV UTF-8.',
  'refusal.file.xls': 'This is the old .xls format. Open it and save it as .xlsx or CSV UTF-8.',
  'refusal.file.password': 'The file has a password. Remove it and save the file again.',
  'refusal.file.unknown_format': "This isn't a CSV or XLSX file. Save it as one of them.",
  'refusal.file.broken': 'The file is cut off or damaged. Export or copy it again.',
  'refusal.file.bomb': 'The compressed file grows out of all proportion and was not read.',
  'refusal.file.entities':
    'The file holds declarations that no spreadsheet needs, and was not read for safety. Save it anew.',
  'refusal.file.xml_too_deep': 'The file is nested unusually deep and was not read. Save it anew.',
  'refusal.file.line_too_long':
    'Row {{row, number}} is unusually long; a line break or a quotation mark may be missing.',
  'refusal.file.quote_open':
    'A quotation mark that opens in row {{row, number}} is never closed. Close it or write it twice.',
  'refusal.file.cell_too_long': 'A cell is unusually long; a quotation mark may never be closed.',
  'refusal.file.too_many_columns': 'The table has {{columns, number}} columns; at most {{limit, number}} can be read.',
  'refusal.file.row_too_wide': 'Row {{row, number}} has more than {{limit, number}} cells.',
  'refusal.file.too_much_memory': 'Reading this file takes too much memory. Save it as CSV, or in several files.',

  'refusal.reactions.unknown': 'There is no such background work.',
  'refusal.settings.invalid': 'The value of {{field}} does not exist. Choose another one.',
  'refusal.imports.file_gone': 'The file of this import is not here any more. Import the file again.',
  'refusal.points.tier_exists': 'There is or was a tier {{code}} already. Choose another code.',
  'refusal.points.tier_unknown': 'This tier is not there any more. Reload the page.',
  'refusal.points.tier_name_missing': 'Enter the name in the language that the group speaks first.',
  'refusal.points.tier_held':
    '{{members, number}} members are in this tier by invitation. End their invitations first.',
  'refusal.points.tier_is_first': 'Everybody without an invitation is in this tier. Put another one first.',
  'refusal.points.tier_order_stale': 'Somebody has just changed the tiers. Reload and order them again.',
  'refusal.points.tiers_too_many': 'At most {{most, number}} tiers.',
  'refusal.points.tier_needs_no_invitation':
    'Everybody is in this tier without an invitation. End the present one instead.',
  'refusal.points.tier_until_past': 'This last day is over. Choose today or later.',
  'refusal.points.invitation_unknown': 'This invitation is not there. Reload the page.',
  'refusal.jobs.not_waiting': 'It is at work at this moment, or has ended. Look at the list again.',
  'refusal.jobs.unknown': 'There is no such scheduled job.',
  'refusal.desk.view_not_found': 'There is no such view; it may have been deleted in another window.',
  'refusal.desk.view_name_taken': 'You have a view called “{{name}}” already. Choose another name.',
  'refusal.desk.too_many_views': 'You have {{limit, number}} views, and there can be no more. Delete one first.',
  'refusal.privacy.text_changed': 'This text has a newer version, {{version}}. Ask by that one.',
  'refusal.privacy.topic_unknown': 'There is no such consent.',
  'refusal.privacy.request_unknown': 'There is no such request.',
  'refusal.privacy.request_over': 'Only an erasure that still waits can be cancelled.',
  'refusal.privacy.asked_already': 'Erasing is asked for already. Cancel that first, or wait for it.',
  'refusal.privacy.erased': 'This member was erased.',
  'refusal.privacy.rule_unknown': 'There is no such rule.',
  'refusal.members.erased_at_own_request':
    'This person was erased at their own request. If they are here and want to come back, say so.',
  'refusal.privacy.recipient_unknown': 'There is no such recipient on file.',
  'refusal.privacy.recipient_ended': 'Nothing is given to “{{name}}” any more.',
  'refusal.privacy.agreement_over':
    'The agreement with “{{name}}” held until {{until}}. Put the new one on file first.',
  'refusal.privacy.recipient_not_for_this': '“{{name}}” is not on file for this. Add it in the register first.',
  'refusal.privacy.transfer_needed': 'This recipient is abroad: choose what the transfer stands on.',
  'refusal.webhooks.unknown': 'There is no such webhook.',
  'refusal.webhooks.exists': 'This webhook is there already; its secret was shown once.',
  'refusal.webhooks.delivery_unknown': 'There is no such entry, or it is no longer kept.',
  'refusal.webhooks.kind_not_permitted':
    'The role may not read one of these events. Choose another role, or leave it out.',
  'refusal.webhooks.address_refused':
    'This address can’t be used: unknown, not encrypted, or within a private network.',
  'refusal.members.decision_not_found': 'There is no such answer; it may have been taken back already.',
  'refusal.members.decided_since': 'Somebody has decided about them since. Decide anew on the member page.',
  'refusal.members.nobody_stays': 'All records would go. Leave at least one.',
  'refusal.members.value_not_found': 'No record carries this value any more; read the list again.',
  'refusal.members.value_of_too_many': 'More than {{most}} records carry it; so many are never one person.',
  'refusal.dictionary.field_unknown': 'There is no field {{field}}. Add it to the dictionary first.',
  'refusal.dictionary.group_only': '{{field}} is the whole group’s field. Your company can add a field of its own.',
  'refusal.dictionary.company_unknown': 'There is no company {{company}}, or you don’t see all of it.',
  'refusal.dictionary.key_taken': 'There is a field {{field}} already. Choose another key.',
  'refusal.dictionary.changed_meanwhile': 'Somebody has just changed {{field}}. Reload and make your change again.',
  'refusal.dictionary.spelling_twice': '“{{spelling}}” stands at {{first}} and at {{second}}. Take it out of one.',
  'refusal.dictionary.value_fixed': 'The program needs {{value}}, so it stays in the list.',
  'refusal.dictionary.list_fixed': 'This field only knows {{allowed}}. Make “{{value}}” a spelling of one of them.',
  'refusal.dictionary.no_list': '{{field}} has no list of values. Make it a choice first.',
  'refusal.dictionary.choice_needed': '{{field}} is chosen from a list; its kind stays.',
  'refusal.dictionary.value_unknown': '“{{value}}” is not in the dictionary. It may be: {{allowed}}.',
  'refusal.dictionary.value_unreadable': '“{{value}}” doesn’t fit the kind of this field.',
  'refusal.quality.mending_not_found': 'This mending is not there. Reload the page.',
  'refusal.quality.mending_wrong_state': 'This mending has moved on. Reload the page.',
  'refusal.quality.value_not_taken': 'This can’t be read. Write it another way, or clear the field.',
  'refusal.quality.field_not_for_many': 'This field makes a member known, so it is put right one by one.',
  'refusal.quality.nobody_chosen': 'Choose members first.',
  'refusal.quality.too_many_chosen': 'At most {{most, number}} members at once. Choose a smaller part.',
  'refusal.quality.value_needed': 'Say the value to write.',
  'refusal.quality.nothing_to_apply': 'This field can’t be rewritten by the dictionary.',
  'refusal.families.same_person': 'These two are one member. Choose another member.',
  'refusal.families.nothing_between': 'Nothing waits between these two: somebody may have decided already.',
  'refusal.vault.no_next_key':
    'The master key comes from ROUNDTRIP_MASTER_KEY, so the new one does too: set ROUNDTRIP_MASTER_KEY_NEXT, start the program again, then try again.',
  'refusal.vault.same_key': 'The key to change to is the one in force. Put another one into ROUNDTRIP_MASTER_KEY_NEXT.',
  'refusal.vault.bad_master_key': 'The master key in {{from}} should be 32 bytes in base64 (44 characters).',
  'refusal.vault.import_going': 'An import or a matching run is going on. Try again when it has ended.',
  'refusal.vault.rotation_going': 'The master key is being changed already.',
  'refusal.vault.reindexing_going': 'The search key is being changed already.',
  'refusal.vault.acts_going':
    'Something that is going on did not end within ten seconds, so nothing was changed. Try again in a while.',
  'refusal.vault.key_service_away': 'The key service at {{url}} does not answer ({{reason}}). Nothing was changed.',
  'refusal.vault.key_service_refuses':
    'The key service at {{url}} refuses what is asked with the key {{key}} ({{status}}). Check the token and what it may do; nothing was changed.',
  'refusal.exports.not_found': 'There is no such export.',
  'refusal.exports.too_many_rows': 'These are more rows than you may take out at once. Narrow the filter.',
  'refusal.exports.too_many': '{{limit, number}} of your exports are being made or lie ready. Delete one first.',
  'refusal.exports.clear_not_permitted': 'You may not see phones, e-mail and documents in full. Export them masked.',
  'refusal.exports.wrong_state': 'That can’t be done with this export now. Look at the list again.',
  'refusal.exports.own': 'Somebody else has to decide about your own export.',
  'refusal.exports.no_downloads_left': 'It was downloaded as often as it may be. Export it again.',
  'refusal.exports.file_gone': 'The file is not there any more. Export it again.',
  'refusal.exports.rights_lost':
    'You may no longer see all that is in this file, so it was deleted. Export what you may see.',
  'refusal.exports.no_room': 'The disk has too little room. Free some and export again.',
  'refusal.exports.person_erased':
    'The file may have held a member who was erased, so it was deleted. Export it again.',
  'refusal.totals.too_few': 'This filter would tell of fewer than {{least, number}} people. Ask more widely.',
}
