/** Two fields of a form: a role, and the part of the organisation in which it holds. */
import { Form, Select } from 'antd'
import { useText } from '../texts/texts.ts'
import { useGivableRoles, usePlaces } from './roles.ts'
import type { Permission } from './session.ts'

export interface RoleAndPlaceValues {
  role: string
  /** As `keyOfPlace` writes it. */
  place: string
}

export function RoleAndPlace({ permission }: { permission: Permission }) {
  const say = useText()
  const roles = useGivableRoles()
  const places = usePlaces(permission)
  return (
    <>
      <Form.Item name="role" label={say('staff.role')} rules={[{ required: true, message: say('staff.roleNeeded') }]}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={roles}
          placeholder={say('staff.roleChoose')}
          popupMatchSelectWidth={false}
        />
      </Form.Item>
      <Form.Item
        name="place"
        label={say('staff.place')}
        rules={[{ required: true, message: say('staff.placeNeeded') }]}
      >
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={places}
          placeholder={say('staff.placeChoose')}
          popupMatchSelectWidth={false}
        />
      </Form.Item>
    </>
  )
}
