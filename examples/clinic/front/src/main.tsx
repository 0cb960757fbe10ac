import { render } from 'preact'
import { client, wire } from './client'
import { Root } from './root'
import { Account } from './sign_in/account'
import './style/base.css'
import './style/header.css'
import './style/sign_in.css'
import './style/grid.css'
import './style/queue.css'
import './style/appointments.css'
import './style/notices.css'

const place = document.getElementById('app')
if (place === null) throw new Error('the page has no place for the application')
render(<Root client={client} account={new Account(client, wire)} />, place)
