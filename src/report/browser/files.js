/** @import { PageFile } from '../page-data.ts' */
import { html } from 'lit-html'
import { size } from './words.js'

const IMAGE = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/

/**
 * What a test left: pictures and texts shown, everything to be had as a file.
 * @param {readonly PageFile[]} files
 */
export function filesView(files) {
  return html`<ul class="files">${files.map(file => {
    const href = hrefOf(file)
    const inPage = file.base64 !== undefined || file.text !== undefined
    return html`<li><p><a href=${href} download=${baseName(file)}>${file.name}</a> <small>${file.contentType}, ${size(file.sizeBytes)}${
      inPage ? '' : ', beside this page'
    }</small></p>${shown(file, href)}</li>`
  })}</ul>`
}

/**
 * @param {PageFile} file
 * @param {string} href
 */
function shown(file, href) {
  if (IMAGE.test(file.contentType))
    return html`<a href=${href} download=${baseName(file)}><img src=${href} alt=${file.name} loading="lazy"></a>`
  return file.text === undefined ? '' : html`<pre tabindex="0" role="region" aria-label=${file.name}>${file.text}</pre>`
}

/** A text is only ever offered as plain text: what a board says is not to run in a reader's browser. */
/** @param {PageFile} file */
function hrefOf({ base64, text, contentType, path }) {
  if (base64 !== undefined)
    return `data:${IMAGE.test(contentType) ? contentType : 'application/octet-stream'};base64,${base64}`
  if (text !== undefined) return `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`
  return path.split('/').map(encodeURIComponent).join('/')
}

/** @param {PageFile} file */
function baseName({ name, path }) {
  return path.split('/').at(-1) ?? name
}
