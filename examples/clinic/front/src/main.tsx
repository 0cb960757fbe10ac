import { render } from 'preact'
import { App, createParts } from './app'
import { client } from './client'
import './style/base.css'
import './style/header.css'
import './style/grid.css'
import './style/queue.css'
import './style/notices.css'

const place = document.getElementById('app')
if (place === null) throw new Error('the page has no place for the application')
const parts = createParts(client)
render(<App parts={parts} />, place)
parts.feed.start()
